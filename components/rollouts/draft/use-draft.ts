'use client';

import { useQuery } from '@tanstack/react-query';
import { parseAsString, useQueryStates } from 'nuqs';
import { useMemo, useState } from 'react';
import type { PlanTemplate } from '@/server/db/plan-templates.ts';
import { useTRPC } from '../../trpc/client.ts';
import { useOrg } from '../../ui/use-org.ts';
import { defaultPlan, type PlanDraft, planDraftOf } from './plan-draft.ts';
import { problemsOf } from './problems.ts';
import { defaultRelease, type ReleaseDraft, releaseDraftOf } from './release-draft.ts';

const parsers = {
  model: parseAsString.withDefault(''),
  version: parseAsString.withDefault(''),
  /** Absent: what the template says. */
  selector: parseAsString,
  template: parseAsString.withDefault(''),
};

/** Models offered in the choice. */
const MAX_MODELS = 200;

/**
 * The draft of the page: what it is of and for whom lives in the address, the rest here. Input and settings begin as those of the
 * version that most devices serve; what a person changed stays on top of that until another model is chosen.
 */
export function useDraft() {
  const { org } = useOrg();
  const trpc = useTRPC();
  const [address, setAddress] = useQueryStates(parsers, { history: 'replace' });
  const [changes, setChanges] = useState<Partial<ReleaseDraft>>({});
  const [planChanges, setPlanChanges] = useState<Partial<Omit<PlanDraft, 'selector'>>>({});
  const [name, setName] = useState('');
  const templates = useQuery(trpc.rollouts.templates.queryOptions({ org }));
  const template = templates.data?.find(({ id }) => id === address.template);
  const kept = template?.plan;
  const base = useMemo(() => (kept ? planDraftOf(kept) : defaultPlan), [kept]);

  const models = useQuery(trpc.models.list.queryOptions({ org, limit: MAX_MODELS }));
  const model = useQuery(
    trpc.models.page.queryOptions({ org, model: address.model }, { enabled: address.model !== '' }),
  );
  const version = address.version || model.data?.versions[0]?.version || '';

  const versions = model.data?.versions ?? [];
  const serving = versions.reduce<(typeof versions)[number] | undefined>(
    (most, each) => (each.servingDevices > (most?.servingDevices ?? 0) ? each : most),
    undefined,
  );
  const source = useQuery(
    trpc.models.version.queryOptions(
      { org, model: address.model, version: serving?.version ?? '' },
      { enabled: serving !== undefined, refetchInterval: false },
    ),
  );
  const servingRelease = source.data?.releases[0]?.document;
  const release = useMemo<ReleaseDraft>(
    () => ({ ...(servingRelease ? releaseDraftOf(servingRelease) : defaultRelease), ...changes }),
    [servingRelease, changes],
  );
  const plan = useMemo<PlanDraft>(
    () => ({ ...base, ...planChanges, selector: address.selector ?? base.selector }),
    [base, planChanges, address.selector],
  );
  const names = useMemo(() => ({ model: address.model, version }), [address.model, version]);
  const problems = useMemo(() => problemsOf(release, plan), [release, plan]);

  return {
    models,
    model,
    names,
    /** What the rollout is called; empty for the model and version. */
    name,
    setName,
    release,
    plan,
    problems,
    /** Where the defaults of input and settings come from. */
    takenFrom: servingRelease ? serving?.version : undefined,
    templates: templates.data ?? [],
    /** The template that the plan begins as. */
    template,
    /** Puts a kept plan in the place of what was there; null for the defaults. Its devices count only where it names some. */
    applyTemplate: (next: PlanTemplate | null) => {
      setPlanChanges({});
      void setAddress({ template: next?.id ?? null, ...(next?.plan.selector && { selector: null }) });
    },
    isReady: address.model !== '' && version !== '' && !(serving !== undefined && source.isPending),
    chooseModel: (next: string) => {
      setChanges({});
      void setAddress({ model: next, version: null });
    },
    chooseVersion: (next: string) => void setAddress({ version: next }),
    changeRelease: (change: Partial<ReleaseDraft>) => setChanges((now) => ({ ...now, ...change })),
    changePlan: ({ selector, ...rest }: Partial<PlanDraft>) => {
      if (selector !== undefined) void setAddress({ selector: selector === base.selector ? null : selector });
      if (Object.keys(rest).length > 0) setPlanChanges((now) => ({ ...now, ...rest }));
    },
  };
}

export type DraftState = ReturnType<typeof useDraft>;
