import { OrganizationChange } from '../../../domain/access/organization-settings.ts';
import { SetCredential } from '../../../domain/release/registry-credential.ts';
import { credentialTable } from '../../../queries/registry-credentials.ts';
import { RemoveCredential, removeCredential } from '../../../services/registries/remove-credential.ts';
import { setCredential } from '../../../services/registries/set-credential.ts';
import { getOrganization, updateOrganization } from '../../../services/settings/organization.ts';
import { orgProcedure, router } from '../init.ts';

export const settingsRouter = router({
  organization: orgProcedure('settings:read').query(({ ctx }) => getOrganization(ctx.deps, ctx.actor)),
  updateOrganization: orgProcedure('settings:write')
    .input(OrganizationChange)
    .mutation(({ ctx, input }) => updateOrganization(ctx.deps, ctx.actor, input)),
  credentials: orgProcedure('settings:read').query(({ ctx }) => credentialTable(ctx.deps, ctx.actor)),
  setCredential: orgProcedure('settings:write')
    .input(SetCredential)
    .mutation(({ ctx, input }) => setCredential(ctx.deps, ctx.actor, input)),
  removeCredential: orgProcedure('settings:write')
    .input(RemoveCredential)
    .mutation(({ ctx, input }) => removeCredential(ctx.deps, ctx.actor, input)),
});
