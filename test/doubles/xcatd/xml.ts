/** xCAT's framing: one `<xcatrequest>` from the client, several `<xcatresponse>` back, the last with `<serverdone>`. */
export interface XcatRequest {
  readonly command: string;
  readonly args: readonly string[];
  /** Object names given apart from the arguments. */
  readonly nodes: readonly string[];
}

export interface XcatAnswer {
  readonly data: readonly string[];
  readonly errors: readonly string[];
  readonly errorCode: number;
}

export const requestEnd = '</xcatrequest>';
export const answerEnd = '</xcatresponse>';

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign);

const plain = (text: string): string =>
  text.replace(
    /&(amp|lt|gt|quot|apos);/g,
    (entity) => Object.keys(escapes).find((sign) => escapes[sign] === entity) ?? entity,
  );

const all = (xml: string, tag: string): string[] =>
  [...xml.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))].map((match) => plain(match[1] ?? ''));

/** Undefined where it names no command. */
export function parseRequest(xml: string): XcatRequest | undefined {
  const [command] = all(xml, 'command');
  return command === undefined ? undefined : { command, args: all(xml, 'arg'), nodes: all(xml, 'node') };
}

export const requestXml = (request: XcatRequest): string =>
  [
    '<xcatrequest>',
    `<command>${escaped(request.command)}</command>`,
    ...request.args.map((arg) => `<arg>${escaped(arg)}</arg>`),
    ...request.nodes.map((node) => `<node>${escaped(node)}</node>`),
    '<clienttype>cli</clienttype>',
    requestEnd,
    '',
  ].join('\n');

/** `source`: the node that answers. */
export function answerXml(source: string, answer: XcatAnswer): string {
  const errors = answer.errors.map((text) => `<error>${escaped(text)}</error>`);
  return [
    '<xcatresponse>',
    ...answer.data.map((text) => `<data>${escaped(text)}</data>`),
    ...errors,
    ...(answer.errorCode === 0 ? [] : [`<errorcode>${answer.errorCode}</errorcode>`]),
    `<xcatdsource>${escaped(source)}</xcatdsource>`,
    answerEnd,
    '<xcatresponse>',
    '<serverdone></serverdone>',
    answerEnd,
    '',
  ].join('\n');
}

/** Undefined until `serverdone` has come. */
export function parseAnswer(xml: string): (XcatAnswer & { readonly source: string }) | undefined {
  if (!/<serverdone>\s*<\/serverdone>|<serverdone\s*\/>/.test(xml)) return undefined;
  const [source = ''] = all(xml, 'xcatdsource');
  const [errorCode = '0'] = all(xml, 'errorcode');
  return { source, data: all(xml, 'data'), errors: all(xml, 'error'), errorCode: Number(errorCode) };
}
