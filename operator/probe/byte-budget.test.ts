import assert from 'node:assert/strict';
import { it } from 'node:test';

import { createByteBudget } from './byte-budget.ts';

const minute = 60_000;

it('starts full, refills evenly, and never holds more than an hour is worth', () => {
  const budget = createByteBudget();
  assert.equal(budget.available(6000, 0), 6000);
  budget.take(6000);
  assert.equal(budget.available(6000, 0), 0);
  assert.equal(budget.available(6000, 10 * minute), 1000);
  assert.equal(budget.available(6000, 600 * minute), 6000);
});

it('pays back what was taken too much', () => {
  const budget = createByteBudget();
  assert.equal(budget.available(6000, 0), 6000);
  budget.take(7000);
  assert.equal(budget.available(6000, 0), 0);
  assert.equal(budget.available(6000, 20 * minute), 1000);
});

it('follows a change of the setting, and a clock that goes back', () => {
  const budget = createByteBudget();
  assert.equal(budget.available(6000, minute), 6000);
  assert.equal(budget.available(60, 0), 60);
});
