import type {
  ConfirmOffBody,
  DoneAnswer,
  ExplainDocument,
  FenceBody,
  FenceLookBody,
  FencingDocument,
  FileSyncBody,
  FileSyncDiffDocument,
  FileSyncDocument,
  HistoryDocument,
  MaintenanceBody,
  OutputDocument,
  PauseBody,
  RequestBody,
  ResourcesDocument,
  ResourceWishBody,
  ScheduleBody,
  ServiceNodeCancelBody,
  ServiceNodesDocument,
  ServiceNodeWishBody,
  StatusDocument,
  UnmanagedBody,
} from '@hamn/api';
import type { RequestValue, Result } from '@hamn/core';
import { type ExitCode, exitCodes } from '../exit-codes.ts';

/**
 * `unreachable`: nobody answered, nothing was changed. `refused`: the answer was no. `failed`: it was tried and went wrong. `unknown`: it may have been done. `garbled`: the answer cannot be read.
 */
export type SourceFailure = 'unreachable' | 'timeout' | 'refused' | 'failed' | 'unknown' | 'garbled';

export interface FileSyncSource {
  status(): Promise<Result<FileSyncDocument, SourceFailure>>;
  diff(resource: string): Promise<Result<FileSyncDiffDocument, SourceFailure>>;
  now(body: FileSyncBody): Promise<Result<DoneAnswer, SourceFailure>>;
  adopt(body: FileSyncBody): Promise<Result<DoneAnswer, SourceFailure>>;
}

/** Where hamnctl asks: this node's hamnd, or etcd itself when hamnd does not answer. */
export interface Source {
  readonly kind: 'hamnd' | 'etcd';
  status(): Promise<Result<StatusDocument, SourceFailure>>;
  explain(): Promise<Result<ExplainDocument, SourceFailure>>;
  history(): Promise<Result<HistoryDocument, SourceFailure>>;
  request(body: RequestBody): Promise<Result<RequestValue, SourceFailure>>;
  pause(body: PauseBody): Promise<Result<DoneAnswer, SourceFailure>>;
  resume(by: string): Promise<Result<DoneAnswer, SourceFailure>>;
  schedule(body: ScheduleBody): Promise<Result<DoneAnswer, SourceFailure>>;
  cancelSchedule(by: string): Promise<Result<DoneAnswer, SourceFailure>>;
  maintenance(body: MaintenanceBody): Promise<Result<DoneAnswer, SourceFailure>>;
  resources(): Promise<Result<ResourcesDocument, SourceFailure>>;
  /** By this node's hamnd only. */
  resourceOutput(resource: string): Promise<Result<OutputDocument, SourceFailure>>;
  unmanaged(body: UnmanagedBody): Promise<Result<DoneAnswer, SourceFailure>>;
  resourceWish(body: ResourceWishBody): Promise<Result<DoneAnswer, SourceFailure>>;
  /** Asks the fencing devices now, which may take minutes. */
  fenceLook(body: FenceLookBody): Promise<Result<FencingDocument, SourceFailure>>;
  /** Ends when the node is seen to be off; `limitMs` is what hamnd allows itself. */
  fence(body: FenceBody, limitMs: number): Promise<Result<DoneAnswer, SourceFailure>>;
  confirmOff(body: ConfirmOffBody): Promise<Result<DoneAnswer, SourceFailure>>;
  serviceNodes(): Promise<Result<ServiceNodesDocument, SourceFailure>>;
  serviceNodeWish(body: ServiceNodeWishBody): Promise<Result<DoneAnswer, SourceFailure>>;
  serviceNodeCancel(body: ServiceNodeCancelBody): Promise<Result<DoneAnswer, SourceFailure>>;
  /** The files that follow the role, by this node's hamnd only. */
  readonly fileSync: FileSyncSource;
  /** By this node's hamnd only. */
  acceptMachine(): Promise<Result<DoneAnswer, SourceFailure>>;
  close(): Promise<void>;
}

export function exitCodeFor(failure: SourceFailure): ExitCode {
  switch (failure) {
    case 'unreachable':
    case 'timeout':
      return exitCodes.unreachable;
    case 'refused':
      return exitCodes.refused;
    default:
      return exitCodes.failed;
  }
}
