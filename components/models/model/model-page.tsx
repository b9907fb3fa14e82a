'use client';

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { parseAsBoolean, useQueryState } from 'nuqs';
import { Page } from '../../shell/page.tsx';
import { DataTable } from '../../table/data-table.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { Icon } from '../../ui/icon.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { QueryView } from '../../ui/query-view.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { UploadPanel } from '../upload/upload-panel.tsx';
import { modelSentence } from './model-sentence.ts';
import { CompactVersion, versionColumns } from './version-columns.tsx';

/** One model: its versions, newest first, and what the fleet serves of each. */
export function ModelPageView({ model }: { model: string }) {
  const { org, at } = useOrg();
  const trpc = useTRPC();
  const query = useQuery(trpc.models.page.queryOptions({ org, model }));
  const [isUploading, setUploading] = useQueryState('upload', parseAsBoolean.withDefault(false));
  const openUpload = () => void setUploading(true);
  return (
    <Page crumbs={[{ label: 'Models', href: at.models() }, { label: model }]}>
      <QueryView
        query={query}
        what={`The model ${model}`}
        head={<PageHead title={model} />}
        skeleton={<SkeletonRows columns={6} rows={4} />}
      >
        {(page) => (
          <>
            <PageHead
              title={model}
              aside={modelSentence(page)}
              sentence={page.model.description || undefined}
              actions={
                isUploading ? undefined : (
                  <Button variant="filled" leftSection={<Icon name="up" />} onClick={openUpload}>
                    Upload a version
                  </Button>
                )
              }
            />
            {isUploading && <UploadPanel model={model} onClose={() => void setUploading(null)} />}
            <DataTable
              noun="versions"
              columns={versionColumns(at)}
              rows={page.versions}
              rowId={({ version }) => version}
              hrefFor={({ version }) => at.version(model, version)}
              renderCompact={(version) => <CompactVersion version={version} />}
              state={{
                empty: (
                  <EmptyState
                    title="No version yet"
                    action={isUploading ? undefined : <Button onClick={openUpload}>Choose an .onnx file</Button>}
                  >
                    Upload the first .onnx file; inputs, outputs, opset and size are read from it.
                  </EmptyState>
                ),
              }}
            />
          </>
        )}
      </QueryView>
    </Page>
  );
}
