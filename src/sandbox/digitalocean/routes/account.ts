/** The account, and what DigitalOcean offers: regions, sizes. */
import { regionAnswer, regions, sizes } from '../catalogue.ts';
import { ok, page, type Route } from '../http.ts';
import type { World } from '../world.ts';

export function accountRoutes({ account }: World): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v2/account',
      handle: () =>
        ok({
          account: {
            droplet_limit: 25,
            floating_ip_limit: 5,
            reserved_ip_limit: 5,
            volume_limit: 100,
            email: account.email,
            name: 'Sandbox',
            uuid: account.uuid,
            email_verified: true,
            status: 'active',
            status_message: '',
            team: { uuid: account.uuid, name: 'Sandbox' },
          },
        }),
    },
    {
      method: 'GET',
      path: '/v2/customers/my/balance',
      handle: () =>
        ok({
          month_to_date_balance: '0.00',
          account_balance: '0.00',
          month_to_date_usage: '0.00',
          generated_at: new Date().toISOString(),
        }),
    },
    { method: 'GET', path: '/v2/account/keys', handle: (request) => page(request, 'ssh_keys', []) },
    {
      method: 'GET',
      path: '/v2/regions',
      handle: (request) =>
        page(
          request,
          'regions',
          regions.map((region) => regionAnswer(region.slug)),
        ),
    },
    { method: 'GET', path: '/v2/sizes', handle: (request) => page(request, 'sizes', sizes.map(sizeAnswer)) },
  ];
}

function sizeAnswer(size: (typeof sizes)[number]): unknown {
  return {
    slug: size.slug,
    memory: size.memoryMiB,
    vcpus: size.vcpus,
    disk: size.diskGiB,
    transfer: 4,
    price_monthly: size.monthly,
    price_hourly: Number((size.monthly / 672).toFixed(5)),
    regions: regions.map((region) => region.slug),
    available: true,
    description: 'Basic',
  };
}
