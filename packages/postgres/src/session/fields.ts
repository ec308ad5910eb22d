import { type Lsn, parseLsn } from '@hamn/core';
import type { Row } from './session.ts';

/** Readers of a row's columns: a column that is missing or of another kind is undefined, never a guess. */

export const textField = (row: Row | undefined, name: string): string | undefined => {
  const value = row?.[name];
  return typeof value === 'string' ? value : undefined;
};

export const numberField = (row: Row | undefined, name: string): number | undefined => {
  const value = row?.[name];
  return typeof value === 'number' ? value : undefined;
};

export const booleanField = (row: Row | undefined, name: string): boolean | undefined => {
  const value = row?.[name];
  return typeof value === 'boolean' ? value : undefined;
};

export const lsnField = (row: Row | undefined, name: string): Lsn | undefined => {
  const parsed = parseLsn(textField(row, name) ?? '');
  return parsed.ok ? parsed.value : undefined;
};

const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A column of type json that holds an object. */
export const rowField = (row: Row | undefined, name: string): Row | undefined => {
  const value = row?.[name];
  return isRow(value) ? value : undefined;
};

/** A column of type json that holds a list of objects. */
export const rowsField = (row: Row | undefined, name: string): readonly Row[] => {
  const value = row?.[name];
  return Array.isArray(value) ? value.filter(isRow) : [];
};

/** A column of type json that holds a list of texts. */
export const textsField = (row: Row | undefined, name: string): readonly string[] => {
  const value = row?.[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
};
