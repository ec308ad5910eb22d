import { connect } from 'node:net';
import { fail, ok, type Result } from '@hamn/core';
import type { z } from 'zod';
import {
  type DiffReport,
  diffReportsSchema,
  type SenderQuestion,
  type SenderReport,
  senderReportSchema,
} from './report.ts';
import { socketIn } from './sender/sender.ts';

/** `absent`: no sender runs in this folder. */
export type AskFailure = 'absent' | 'timeout' | 'unreadable';

const longestAnswer = 4_000_000;

export const askReport = (
  folder: string,
  question: Exclude<SenderQuestion, 'diff'>,
  limitMs: number,
): Promise<Result<SenderReport, AskFailure>> => ask(folder, question, senderReportSchema, limitMs);

export const askDiff = (
  folder: string,
  limitMs: number,
): Promise<Result<readonly DiffReport[], AskFailure>> => ask(folder, 'diff', diffReportsSchema, limitMs);

function ask<T>(
  folder: string,
  question: SenderQuestion,
  schema: z.ZodType<T>,
  limitMs: number,
): Promise<Result<T, AskFailure>> {
  return new Promise((resolve) => {
    const socket = connect(socketIn(folder));
    let text = '';
    const end = (result: Result<T, AskFailure>): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(
      () => end(fail('timeout', `The sender of files did not answer within ${limitMs} ms.`)),
      limitMs,
    );
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.length > longestAnswer) end(fail('unreadable', 'The sender of files answers too much.'));
    });
    socket.once('error', () => end(fail('absent', 'No sender of files runs on this node.')));
    socket.once('end', () => end(read(text, schema)));
    socket.write(`${question}\n`);
  });
}

function read<T>(text: string, schema: z.ZodType<T>): Result<T, AskFailure> {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    if (parsed.success) return ok(parsed.data);
  } catch {
    // Told below.
  }
  return fail('unreadable', 'The answer of the sender of files cannot be read.');
}
