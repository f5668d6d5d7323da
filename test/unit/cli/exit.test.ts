import { expect } from 'chai';
import { exitCodeOfError, exitCodeOfResult } from '../../../src/cli/exit.ts';
import {
  ConsentError,
  FailedError,
  InterruptedError,
  LockedError,
  ToolMissingError,
  UserError,
} from '../../../src/errors.ts';
import { worst } from '../../../src/usecases/verdict.ts';

describe('exit codes', () => {
  it('follow from the verdict of a result', () => {
    const codes = [
      {},
      { verdict: 'done' },
      { verdict: 'failed' },
      { verdict: 'pending' },
      { verdict: 'interrupted' },
    ].map(exitCodeOfResult);
    expect(codes).to.deep.equal([0, 0, 1, 2, 130]);
  });

  it('follow from the kind of an error', () => {
    const kinds = [FailedError, UserError, ToolMissingError, LockedError, ConsentError, InterruptedError];
    expect(kinds.map((Kind) => exitCodeOfError(new Kind('x', { message: 'x' }), false))).to.deep.equal([
      1, 3, 4, 5, 6, 130,
    ]);
  });

  it('call it an interruption when a tool failed because it was told to stop, and nothing else', () => {
    expect(exitCodeOfError(new FailedError('x', { message: 'x' }), true)).to.equal(130);
    expect(exitCodeOfError(new UserError('x', { message: 'x' }), true)).to.equal(3);
  });

  it('over several parts: a failure beats an interruption, which beats pending, which beats done', () => {
    expect(worst([])).to.equal('done');
    expect(worst(['done', 'pending', 'done'])).to.equal('pending');
    expect(worst(['pending', 'interrupted'])).to.equal('interrupted');
    expect(worst(['interrupted', 'failed', 'pending'])).to.equal('failed');
  });
});
