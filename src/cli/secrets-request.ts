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
