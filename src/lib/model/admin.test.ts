import { expect, test } from 'vitest';
import { FakeApi } from '../session/testing/fake-api.ts';
import { Admin } from './admin.svelte.ts';

test('[REPORT-7] who administers is told how many reports wait, less those that are settled; offline it stays', async () => {
  const api = new FakeApi();
  const admin = new Admin(api.client, () => 'http://roost.test');
  let open = ['one', 'two'];
  api.on('GET /api/admin/reports?state=open', () => ({ body: open.map((id) => ({ id })) }));
  api.on('GET /api/admin/reports?state=settled', () => ({ body: [] }));
  api.on('POST /api/admin/reports/one/settle', () => {
    open = ['two'];
    return {};
  });
  expect(admin.openReports).toBe(0);
  await admin.lookForReports();
  expect(admin.openReports).toBe(2);
  await admin.reports('settled', null);
  expect(admin.openReports).toBe(2);
  expect((await admin.settleReport('one')).ok).toBe(true);
  await expect.poll(() => admin.openReports).toBe(1);
  api.online = false;
  await admin.lookForReports();
  expect(admin.openReports).toBe(1);
});
