import { createPrivateKey, X509Certificate } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { loadText } from '../../../connect/node-file.ts';
import { broken, doubtful, type Finding, well } from '../finding.ts';
import type { Patient } from '../patient.ts';

const dayMs = 86_400_000;
const soonDays = 30;
const why = 'Without it this node reaches neither etcd nor the other nodes.';

export async function checkCertificates({ file, wallMs }: Patient): Promise<readonly Finding[]> {
  const remake = `hamnctl certs node ${file.node} --address ${file.address} (where the authority is), then copy the files here.`;
  const [caText, certText, keyText] = await Promise.all([
    loadText(file.tls.ca),
    loadText(file.tls.cert),
    loadText(file.tls.key),
  ]);
  const missing = [caText, certText, keyText].flatMap((text) => (text.ok ? [] : [text.error.message]));
  if (!caText.ok || !certText.ok || !keyText.ok) return missing.map((text) => broken(text, why, remake));
  const ca = readCertificate(caText.value);
  const cert = readCertificate(certText.value);
  const unreadable = [
    ...(ca === undefined ? [file.tls.ca] : []),
    ...(cert === undefined ? [file.tls.cert] : []),
  ];
  if (ca === undefined || cert === undefined)
    return unreadable.map((path) => broken(`${path} is not a certificate in PEM form.`, why, remake));
  return [
    ...(cert.verify(ca.publicKey)
      ? [well(`${file.tls.cert} was signed by ${file.tls.ca}.`)]
      : [broken(`${file.tls.cert} was not signed by ${file.tls.ca}.`, 'The other nodes refuse it.', remake)]),
    ...keyFindings(cert, keyText.value, file.tls.key, remake),
    ...nameFindings(cert, file.node, file.address, remake),
    endFinding(`The certificate of ${file.node}`, cert, wallMs, remake),
    endFinding(
      'The authority',
      ca,
      wallMs,
      'Make a new authority and new certificates, and exchange them node by node.',
    ),
    ...(await modeFindings(file.tls.key)),
  ];
}

function readCertificate(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(text);
  } catch {
    return undefined;
  }
}

function keyFindings(cert: X509Certificate, text: string, path: string, remake: string): readonly Finding[] {
  try {
    if (cert.checkPrivateKey(createPrivateKey(text))) return [];
  } catch {
    return [broken(`${path} is not a private key in PEM form.`, why, remake)];
  }
  return [broken(`${path} is not the key of the certificate.`, why, remake)];
}

/** Promises count only from the node that the certificate names. */
function nameFindings(
  cert: X509Certificate,
  node: string,
  address: string,
  remake: string,
): readonly Finding[] {
  const named =
    cert.checkHost(node, { subject: 'always' }) !== undefined ||
    cert.subject.split('\n').includes(`CN=${node}`);
  const findings: Finding[] = [];
  if (!named)
    findings.push(
      broken(
        `The certificate does not name ${node}.`,
        'The other nodes refuse what it asks under that name.',
        remake,
      ),
    );
  if (cert.checkIP(address) === undefined)
    findings.push(
      broken(
        `The certificate does not hold the address ${address}.`,
        'Nobody who connects to it there trusts it.',
        remake,
      ),
    );
  return findings;
}

function endFinding(what: string, cert: X509Certificate, wallMs: number, remake: string): Finding {
  const from = Date.parse(cert.validFrom);
  const to = Date.parse(cert.validTo);
  const days = Math.floor((to - wallMs) / dayMs);
  if (wallMs < from)
    return broken(`${what} is valid only from ${cert.validFrom} on.`, why, 'Set this machine’s clock right.');
  if (days < 0) return broken(`${what} ended on ${cert.validTo}.`, why, remake);
  if (days < soonDays) return doubtful(`${what} ends in ${days} days, on ${cert.validTo}.`, why, remake);
  return well(`${what} is valid for ${days} more days.`);
}

async function modeFindings(path: string): Promise<readonly Finding[]> {
  const mode = await stat(path).then(
    (found) => found.mode & 0o777,
    () => 0,
  );
  if ((mode & 0o077) === 0) return [];
  return [
    doubtful(
      `${path} can be read by others than its owner (mode ${mode.toString(8)}).`,
      'Whoever has it can act as this node.',
      `chmod 600 ${path}`,
    ),
  ];
}
