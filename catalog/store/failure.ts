/**
 * What the caller can do about it.
 *
 * | reason      | meaning                                              | what helps            |
 * |-------------|------------------------------------------------------|-----------------------|
 * | Unavailable | the store cannot be reached or cannot answer now     | try again later       |
 * | Malformed   | what lies in the store was not written by geomirror  | publish it again      |
 * | Refused     | the store will not work like this (password, policy) | change the setting    |
 */
export type StoreFailureReason = 'Unavailable' | 'Malformed' | 'Refused';

/** A failure of the store itself; its message names the cure and never holds a password or stored bytes. */
export class StoreFailure extends Error {
  override readonly name = 'StoreFailure';
  readonly reason: StoreFailureReason;

  constructor(reason: StoreFailureReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Is told of failures that stop nothing: a lost connection, a damaged snapshot. */
export type ReportFailure = (failure: StoreFailure) => void;
