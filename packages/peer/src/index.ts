export type { TlsTexts } from './peer-agent.ts';
export { createPeers, type PeerPlaces, type Peers, type PeersOptions } from './peers.ts';
