import { describe, expect, it } from 'vitest';
import { parseCfgloc } from './cfgloc.ts';
import { answerXml, parseAnswer, parseRequest, requestXml } from './xml.ts';

describe("xCAT's framing", () => {
  it('reads the request of the manual probe', () => {
    const xml =
      '<xcatrequest><command>lsxcatd</command><arg>-v</arg><clienttype>cli</clienttype></xcatrequest>\n';
    expect(parseRequest(xml)).toEqual({ command: 'lsxcatd', args: ['-v'], nodes: [] });
  });
  it('reads back what it writes', () => {
    const request = { command: 'mkdef', args: ['-o', 'a<b>&"\''], nodes: ['n1'] };
    expect(parseRequest(requestXml(request))).toEqual(request);
    const answer = { data: ['<&>'], errors: ['no "x"'], errorCode: 1 };
    expect(parseAnswer(answerXml('mn1', answer))).toEqual({ ...answer, source: 'mn1' });
  });
  it('waits for serverdone', () => {
    expect(parseAnswer('<xcatresponse><data>a</data></xcatresponse>')).toBeUndefined();
  });
  it('refuses a request without a command', () => {
    expect(parseRequest('<xcatrequest></xcatrequest>')).toBeUndefined();
  });
});

describe('cfgloc', () => {
  it('names the database', () => {
    expect(parseCfgloc('Pg:dbname=xcatdb;host=10.1.0.223|xcatadm|se=cr;et\n')).toEqual({
      database: 'xcatdb',
      host: '10.1.0.223',
      port: 5432,
      user: 'xcatadm',
      password: 'se=cr;et',
    });
  });
  it.each(['', 'mysql:dbname=x;host=y|a|b', 'Pg:dbname=x|a|b'])('refuses %j', (text) => {
    expect(() => parseCfgloc(text)).toThrow('must read');
  });
});
