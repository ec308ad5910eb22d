/**
 * Where hamnd answers. The unix socket (root only) has all of these; the HTTPS API has those for machines, and `status`, `explain` and `history`.
 * Requests and answers are JSON; an answer other than 2xx is an `ErrorDocument`.
 */
export const routes = {
  /** GET: StatusDocument. */
  status: '/status',
  /** GET: ExplainDocument. */
  explain: '/explain',
  /** GET: EventDocuments as NDJSON, oldest first. `?since=SEQUENCE` leaves out older ones; `&follow=1` goes on as they happen. */
  events: '/events',
  /** GET: HistoryDocument. */
  history: '/history',
  /** POST RequestBody: RequestAnswer (202), or 409 where it is refused. */
  requests: '/requests',
  /** POST PauseBody: DoneAnswer. */
  pause: '/pause',
  /** POST: DoneAnswer. */
  resume: '/resume',
  /** POST ScheduleBody: DoneAnswer. */
  schedule: '/schedule',
  /** POST: DoneAnswer. */
  scheduleCancel: '/schedule/cancel',
  /** POST MaintenanceBody: DoneAnswer. */
  maintenance: '/maintenance',
  /** GET: ResourcesDocument. */
  resources: '/resources',
  /** GET, `?name=RESOURCE`: OutputDocument of the newest program that ran for it on the node that answers. */
  resourceOutput: '/resources/output',
  /** POST UnmanagedBody: DoneAnswer. */
  unmanaged: '/resources/unmanaged',
  /** POST ResourceWishBody: DoneAnswer. */
  resourceWish: '/resources/wish',
  /** POST FenceLookBody: FencingDocument; the devices are asked now. */
  fenceLook: '/fence/look',
  /** POST FenceBody: DoneAnswer once the node is seen to be off; an answer may take minutes. */
  fence: '/fence',
  /** POST ConfirmOffBody: DoneAnswer. */
  fenceConfirm: '/fence/confirm',
  /** GET: ServiceNodesDocument. */
  serviceNodes: '/service-nodes',
  /** POST ServiceNodeWishBody: DoneAnswer once the wish is written; the primary carries it out. */
  serviceNodeWish: '/service-nodes/wish',
  /** POST ServiceNodeCancelBody: DoneAnswer. */
  serviceNodeCancel: '/service-nodes/cancel',
  /** GET: FileSyncDocument. */
  fileSync: '/sync',
  /** GET, `?name=RESOURCE`: FileSyncDiffDocument; only on the node that sends, and an answer may take a minute. */
  fileSyncDiff: '/sync/diff',
  /** POST FileSyncBody: DoneAnswer. All files are compared now. */
  fileSyncNow: '/sync/now',
  /** POST FileSyncBody: DoneAnswer. The files of the node that answers count, although it never had a complete copy. */
  fileSyncAdopt: '/sync/adopt',
  /** POST: DoneAnswer. The machine that answers is the node from now on; only over the socket. */
  acceptMachine: '/accept-machine',
  /** GET: Prometheus' text format. */
  metrics: '/metrics',
  /** GET: 200 while hamnd works. */
  healthz: '/healthz',
  /** GET: 200 while this node can do its part. */
  readyz: '/readyz',
  /** GET: 200 only on the primary, 503 elsewhere: for load balancers. */
  primary: '/primary',
  /** GET: 200 only on a streaming standby, 503 elsewhere. */
  standby: '/standby',
} as const;

export type Route = (typeof routes)[keyof typeof routes];
