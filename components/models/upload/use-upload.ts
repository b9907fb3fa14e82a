'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { useTRPC } from '../../trpc/client.ts';
import { useOrg } from '../../ui/use-org.ts';
import { addSample, type Sent } from './pace.ts';
import { sendFiles, type UploadFailure, type UploadFile } from './send-files.ts';

type Upload = { samples: Sent[]; totalBytes: number };

type Target = { model: string; version: string; notes: string };

/** Sends a version's files; leads to its page when the server has registered it. */
export function useUpload() {
  const { org, at } = useOrg();
  const router = useRouter();
  const trpc = useTRPC();
  const client = useQueryClient();
  const [upload, setUpload] = useState<Upload | null>(null);
  const [failure, setFailure] = useState<UploadFailure | null>(null);
  const cancel = useRef<() => void>(() => {});
  const isSending = upload !== null;

  useEffect(() => {
    if (!isSending) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [isSending]);

  async function start(files: readonly UploadFile[], { model, version, notes }: Target) {
    const totalBytes = files.reduce((sum, { file }) => sum + file.size, 0);
    const query = new URLSearchParams({ version, ...(notes && { notes }) });
    const url = `/api/console/${encodeURIComponent(org)}/models/${encodeURIComponent(model)}/versions?${query}`;
    setFailure(null);
    setUpload({ samples: [{ atMs: Date.now(), bytes: 0 }], totalBytes });
    const sending = sendFiles({
      url,
      files,
      onProgress: (bytes) =>
        setUpload((now) => now && { ...now, samples: addSample(now.samples, { atMs: Date.now(), bytes }) }),
    });
    cancel.current = sending.cancel;
    const result = await sending.result;
    setUpload(null);
    if (result.kind === 'failed') setFailure(result.failure);
    if (result.kind !== 'done') return;
    await client.invalidateQueries({ queryKey: trpc.models.pathKey() });
    router.push(at.version(model, version));
  }

  return { upload, failure, start, cancel: () => cancel.current() };
}
