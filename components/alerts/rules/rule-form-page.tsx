'use client';

import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import type { StoredRule } from '@/server/db/alerts-rules.ts';
import { AlertRuleFields } from '@/server/domain/alerts/rule.ts';
import { useForbidden } from '../../console/access.tsx';
import { Page } from '../../shell/page.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { ForbiddenTooltip } from '../../ui/forbidden-tooltip.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { problemOf } from '../../ui/problem.ts';
import { QueryView } from '../../ui/query-view.tsx';
import { Columns } from '../../ui/section.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { newDraft, problemsOf, type RuleDraft } from './rule-draft.ts';
import { RuleFields } from './rule-fields.tsx';
import classes from './rule-form-page.module.css';
import { RulePreviewAside } from './rule-preview.tsx';

/** A new rule, with what it would have brought beside it. */
export function NewRulePage() {
  const { at } = useOrg();
  return (
    <Page
      crumbs={[{ label: 'Alerts', href: at.alerts() }, { label: 'Rules', href: at.alertRules() }, { label: 'New' }]}
    >
      <RuleForm rule={null} />
    </Page>
  );
}

/** One rule, to be changed. */
export function RulePageView({ id }: { id: string }) {
  const { org, at } = useOrg();
  const trpc = useTRPC();
  const query = useQuery(trpc.alerts.rule.queryOptions({ org, ruleId: id }));
  const name = query.data?.name ?? 'Rule';
  return (
    <Page crumbs={[{ label: 'Alerts', href: at.alerts() }, { label: 'Rules', href: at.alertRules() }, { label: name }]}>
      <QueryView
        query={query}
        what="The rule"
        head={<PageHead title="Rule" />}
        skeleton={<SkeletonRows rows={6} columns={3} />}
      >
        {(rule) => <RuleForm key={rule.updatedAt.getTime()} rule={rule} />}
      </QueryView>
    </Page>
  );
}

function RuleForm({ rule }: { rule: StoredRule | null }) {
  const { org, at } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const forbidden = useForbidden('alerts:write');
  const [draft, setDraft] = useState<RuleDraft>(() => (rule ? AlertRuleFields.parse(rule) : newDraft()));
  const [isAsked, setAsked] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: trpc.alerts.pathKey() });
  const leave = async () => {
    await refresh();
    router.push(at.alertRules());
  };
  const save = useMutation(trpc.alerts.saveRule.mutationOptions({ onSuccess: leave }));
  const remove = useMutation(trpc.alerts.removeRule.mutationOptions({ onSuccess: leave }));
  const restore = useMutation(trpc.alerts.restoreRule.mutationOptions({ onSuccess: refresh }));
  const problems = problemsOf(draft);

  function submit(event: FormEvent) {
    event.preventDefault();
    setAsked(true);
    if (problems.size === 0) save.mutate({ org, rule: draft, ...(rule && { ruleId: rule.id }) });
  }

  return (
    <form onSubmit={submit} noValidate>
      <PageHead
        title={rule?.name ?? 'New rule'}
        sentence={
          rule?.defaultKey
            ? 'One of the rules that every organization starts with. Change it as you like; its first form can be restored.'
            : 'It looks at the fleet every 20 seconds; at memory, disks, certificates and long windows less often.'
        }
        actions={
          <>
            {rule?.defaultKey && (
              <ConfirmButton
                variant="quiet"
                label="Restore…"
                consequence={`${rule.name} becomes what it was at first. Its open alerts go on if they still hold.`}
                confirmLabel="Restore the rule"
                forbidden={forbidden}
                onConfirm={() => restore.mutateAsync({ org, ruleId: rule.id })}
              />
            )}
            {rule && (
              <ConfirmButton
                variant="danger"
                label="Remove…"
                consequence={`${rule.name} looks no more, and its open alerts are over. Alerts of the past stay.`}
                confirmLabel="Remove the rule"
                forbidden={forbidden}
                onConfirm={() => remove.mutateAsync({ org, ruleId: rule.id })}
              />
            )}
            <ForbiddenTooltip reason={forbidden}>
              {(isDisabled) => (
                <Button type="submit" variant="filled" disabled={isDisabled} loading={save.isPending}>
                  {rule ? 'Save' : 'Make the rule'}
                </Button>
              )}
            </ForbiddenTooltip>
          </>
        }
      />
      {(save.error || (isAsked && problems.size > 0)) && (
        <p className={classes.failure} role="alert">
          {save.error ? problemOf(save.error).sentence : 'Something is missing below.'}
        </p>
      )}
      <Columns
        aside={
          <RulePreviewAside
            draft={draft}
            isWhole={problems.size === 0 || [...problems.keys()].every((key) => key === 'name')}
          />
        }
      >
        <RuleFields
          draft={draft}
          onChange={setDraft}
          problems={isAsked ? problems : withoutName(problems)}
          isNew={rule === null}
        />
      </Columns>
    </form>
  );
}

/** A name that is not typed yet is no mistake before somebody asks. */
function withoutName(problems: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...problems].filter(([key]) => key !== 'name'));
}
