import { UserError } from '../errors.ts';
import type { SecretsRequest } from '../usecases/secrets.ts';
import type { Context } from './context.ts';

/** What `ffops secrets …` works on. */
export async function secretsRequest(context: Context): Promise<SecretsRequest> {
  const [{ root: workspace }, blueprint, hands] = await Promise.all([
    context.workspace(),
    context.blueprint(),
    (await context.hands()).environment(),
  ]);
  return { hands, blueprint, wants: blueprint.secrets, workspace };
}

/** `OLD=NEW`, several times. Throws UserError for anything else. */
export function renamesOf(pairs: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    pairs.map((pair) => {
      const [from, to, ...more] = pair.split('=');
      if (from && to && more.length === 0) return [from, to];
      throw new UserError('usage.rename', {
        message: `"${pair}" is no OLD=NEW.`,
        hints: ['Such as --as DO_PAT=digitalocean.token.'],
      });
    }),
  );
}
