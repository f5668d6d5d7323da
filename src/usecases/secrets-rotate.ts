/**
 * `ffops secrets rotate`: a new value, and everything that uses it follows in one apply of the stacks that deliver it. When
 * that fails, the value before is put back, here and in the cluster.
 */
import type { Target } from '../engine/contracts.ts';
import type { Emit, EngineEvent } from '../engine/engine.ts';
import { FfopsError, UserError, type Problem } from '../errors.ts';
import type { SecretWant } from '../model/blueprint.ts';
import type { Secret } from '../model/secret.ts';
import type { Ports } from '../ports/ports.ts';
import type { Terminal } from '../ports/terminal.ts';
import { makeValue } from '../secrets/generate.ts';
import { cures } from '../secrets/reader.ts';
import { usesOf, type SecretUses } from '../secrets/uses.ts';
import { apply, askFor, type ShowPlan } from './apply.ts';
import { plan } from './plan.ts';
import { askForValue, type SecretsRequest } from './secrets.ts';
import type { Verdict } from './verdict.ts';

export interface RotateRequest extends SecretsRequest {
  /** Those that belong together, such as an access key and its secret key, change together. */
  readonly names: readonly string[];
  readonly yes: boolean;
  readonly target: () => Promise<Target>;
}

export interface RotateResult {
  readonly verdict: Verdict;
  readonly names: readonly string[];
  readonly file: string;
  readonly outcome:
    | 'rotated'
    /** The value before is in use everywhere, as if nothing had happened. */
    | 'put back'
    /** Stopped half-way: the new value is kept, and an apply of `stacks` finishes. */
    | 'unfinished'
    /** The file has the value before; the cluster may still have the new one, until an apply of `stacks`. */
    | 'half put back';
  /** Applied so that the new value arrives. */
  readonly stacks: readonly string[];
  /** Restarted once, by the new value. */
  readonly restarts: readonly string[];
  /** Why it did not work. */
  readonly problem?: Problem;
}

type Values = ReadonlyMap<string, Secret>;

/** Throws UserError, with nothing changed, for what cannot be rotated, and ConsentError when nobody agrees. */
export async function rotateSecrets(
  ports: Ports,
  request: RotateRequest,
  emit: Emit<EngineEvent | ShowPlan>,
): Promise<RotateResult> {
  const { hands, blueprint, names } = request;
  const wants = names.map((name) => rotatable(request, name));
  const before = await valuesBefore(request, wants);
  const after = new Map<string, Secret>();
  const asking = { terminal: lineByLine(ports.terminal, wants) };
  for (const want of wants)
    after.set(
      want.name,
      makeValue(want, ports.clock.now(), before.get(want.name)) ?? (await askForValue(asking, request, want)),
    );

  const uses = together(names.map((name) => usesOf(blueprint, name)));
  const deployed = uses.delivers.length > 0 && (await hands.cluster.access()) !== undefined;
  const stacks = deployed ? uses.delivers : [];
  const result = { names, file: hands.store.place.title, stacks, restarts: deployed ? uses.releases : [] };
  if (!deployed && !request.yes) await askFor(ports, `Give ${names.join(' and ')} a new value?`);

  const put = (values: Values): Promise<void> => hands.store.write(values);
  await put(after);
  try {
    const problem = await refusedBy(ports, request, uses, emit);
    if (problem !== undefined) {
      await put(before);
      return { ...result, verdict: 'failed', outcome: 'put back', problem };
    }
    if (!deployed) return { ...result, verdict: 'done', outcome: 'rotated' };
    return { ...result, ...(await deliver(ports, request, stacks, put, before, emit)) };
  } catch (error) {
    // Nobody agreed, or it could not even begin: whatever has begun is told by `deliver`.
    await put(before);
    throw error;
  }
}

/** Several values that are piped in come one a line, in the order of their names. */
function lineByLine(terminal: Terminal, wants: readonly SecretWant[]): Terminal {
  if (wants.filter(({ supply }) => supply.kind === 'asked').length < 2) return terminal;
  let lines: Promise<string[] | undefined> | undefined;
  return {
    ...terminal,
    piped: async () => (await (lines ??= terminal.piped().then((text) => text?.split(/\r?\n/))))?.shift(),
  };
}

function rotatable({ wants, hands }: RotateRequest, name: string): SecretWant {
  const want = wants.find((candidate) => candidate.name === name);
  if (want === undefined) {
    throw new UserError('secrets.unknown', {
      message: `Nothing in this environment reads ${name}.`,
      hints: [`\`ffops secrets list ${hands.store.place.flags}\` shows the names that are read.`],
    });
  }
  if (want.supply.kind === 'derived') {
    throw new UserError('secrets.derived', {
      message: `${name} is computed from ${want.supply.from}.`,
      hints: [`Rotate that one: \`ffops secrets rotate ${want.supply.from} ${hands.store.place.flags}\`.`],
    });
  }
  if (want.neverRotates === undefined) return want;
  throw new UserError('secrets.neverRotates', {
    message: `${name} is never rotated, because ${want.neverRotates}.`,
    hints: ['If somebody has seen it and that names no way out: another environment, with the data copied into it.'],
  });
}

async function valuesBefore({ hands }: RotateRequest, wants: readonly SecretWant[]): Promise<Values> {
  const values = await hands.store.values();
  return new Map(
    wants.map((want) => {
      const value = values.get(want.name);
      if (value !== undefined) return [want.name, value];
      throw new UserError('secrets.noValue', {
        message: `${want.name} has no value yet, so there is nothing to rotate.`,
        hints: cures(want.name, hands.store.place, want),
      });
    }),
  );
}

function together(uses: readonly SecretUses[]): SecretUses {
  const all = (pick: (one: SecretUses) => readonly string[]): readonly string[] => [...new Set(uses.flatMap(pick))];
  return {
    delivers: all((one) => one.delivers),
    releases: all((one) => one.releases),
    signsIn: all((one) => one.signsIn),
    opensState: uses.some((one) => one.opensState),
  };
}

/** A credential of the tools themselves is tried, by a plan of the stacks that sign in with it, before it counts. */
async function refusedBy(
  ports: Ports,
  { target }: RotateRequest,
  { signsIn, opensState }: SecretUses,
  emit: Emit<EngineEvent | ShowPlan>,
): Promise<Problem | undefined> {
  if (signsIn.length === 0 && !opensState) return undefined;
  const selection = { stacks: signsIn, only: true };
  const common = { destroy: false, adopt: [], loseData: [], parallel: undefined, detailedExitCode: false };
  try {
    const tried = await plan(ports, { ...common, target: await target(), selection }, emit);
    return tried.stacks.find(({ problem }) => problem !== undefined)?.problem;
  } catch (error) {
    if (!(error instanceof FfopsError)) throw error;
    return error.problems[0];
  }
}

type Delivery = Pick<RotateResult, 'verdict' | 'outcome' | 'problem'>;

/** Throws only while nothing has been changed in the cluster. */
async function deliver(
  ports: Ports,
  { target, yes }: RotateRequest,
  stacks: readonly string[],
  put: (values: Values) => Promise<void>,
  before: Values,
  emit: Emit<EngineEvent | ShowPlan>,
): Promise<Delivery> {
  const selection = { stacks, only: true };
  const common = { selection, loseData: [], adopt: [], parallel: undefined };
  const first = await apply(ports, { ...common, target: await target(), yes }, emit);
  if (first.verdict === 'done') return { verdict: 'done', outcome: 'rotated' };

  const problem = [...first.stacks, ...first.plan.stacks].find((stack) => stack.problem !== undefined)?.problem;
  const told = { verdict: first.verdict, ...(problem === undefined ? {} : { problem }) };
  const begun = first.stacks.some(({ outcome }) => outcome !== 'not-started' && outcome !== 'skipped');
  if (begun && ports.interruption.requested) return { ...told, outcome: 'unfinished' };
  await put(before);
  if (!begun) return { ...told, outcome: 'put back' };
  const back = await apply(ports, { ...common, target: await target(), yes: true }, emit).catch((error: unknown) => {
    if (error instanceof FfopsError) return undefined;
    throw error;
  });
  return { ...told, outcome: back?.verdict === 'done' ? 'put back' : 'half put back' };
}
