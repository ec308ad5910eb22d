/** What may be asked of a sender, one at a time: a line asks, a line of JSON answers with one of the API's reports. */
export const senderQuestions = ['status', 'now', 'diff', 'adopt'] as const;
export type SenderQuestion = (typeof senderQuestions)[number];

export {
  type CopyReport,
  type CopyState,
  type DiffReport,
  diffReportsSchema,
  type SenderReport,
  senderReportSchema,
} from '@hamn/api';
