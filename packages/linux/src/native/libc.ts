import koffi from 'koffi';

/** The few functions of the C library that Node does not offer. Each is called synchronously, so none of them may block. */
const library = koffi.load('libc.so.6');

const filterProgram = koffi.struct({ length: 'uint16', filter: 'void *' });

type Call<Arguments extends readonly unknown[]> = (...args: Arguments) => number;

export const clockGettime: Call<[clock: number, timespec: Buffer]> = library.func('clock_gettime', 'int', [
  'int',
  'void *',
]);

export const openSocket: Call<[domain: number, type: number, protocol: number]> = library.func(
  'socket',
  'int',
  ['int', 'int', 'int'],
);

export const closeDescriptor: Call<[descriptor: number]> = library.func('close', 'int', ['int']);

export const bindSocket: Call<[descriptor: number, address: Buffer, length: number]> = library.func(
  'bind',
  'int',
  ['int', 'void *', 'uint32'],
);

/** Returns the bytes sent, or -1 with the errno in `lastErrno()`. (koffi knows no ssize_t; `long` has its width on Linux.) */
export const sendTo: Call<
  [descriptor: number, data: Buffer, length: number, flags: number, address: Buffer, addressLength: number]
> = library.func('sendto', 'long', ['int', 'void *', 'size_t', 'int', 'void *', 'uint32']);

/** send(2): for a descriptor that may be no socket (ENOTSOCK then). */
export const sendOn: Call<[descriptor: number, data: Buffer, length: number, flags: number]> = library.func(
  'send',
  'long',
  ['int', 'void *', 'size_t', 'int'],
);

/** `addressLength` is a Buffer that holds a uint32: the room on entry, the length on return. */
export const receiveFrom: Call<
  [descriptor: number, data: Buffer, length: number, flags: number, address: Buffer, addressLength: Buffer]
> = library.func('recvfrom', 'long', ['int', 'void *', 'size_t', 'int', 'void *', 'void *']);

export const setFilterOption: Call<
  [
    descriptor: number,
    level: number,
    option: number,
    program: { readonly length: number; readonly filter: Buffer },
    size: number,
  ]
> = library.func('setsockopt', 'int', ['int', 'int', 'int', koffi.pointer(filterProgram), 'uint32']);

/** sizeof(struct sock_fprog). */
export const filterProgramSize: number = koffi.sizeof(filterProgram);

export const setScheduler: Call<[pid: number, policy: number, parameters: Buffer]> = library.func(
  'sched_setscheduler',
  'int',
  ['int', 'int', 'void *'],
);

export const lockRange: Call<[address: bigint, length: bigint, flags: number]> = library.func(
  'mlock2',
  'int',
  ['uintptr_t', 'size_t', 'uint'],
);

/**
 * ioctl(2) with a pointer to an argument, by another thread: a driver may wait for its hardware. The errno stays in that thread.
 * (Variadic in C; on the machines that hamn runs on a pointer is passed the same way.)
 */
const ioctlCall: {
  async(
    descriptor: number,
    request: number,
    argument: Buffer,
    ended: (error: unknown, result: number) => void,
  ): void;
} = library.func('ioctl', 'int', ['int', 'ulong', 'void *']);

export const ioctlAside = (descriptor: number, request: number, argument: Buffer): Promise<number> =>
  new Promise((resolve) => {
    ioctlCall.async(descriptor, request, argument, (error, result) => resolve(error == null ? result : -1));
  });

/** The errno of the last call that failed on this thread. Ask at once: the next call overwrites it. */
export const lastErrno = (): number => koffi.errno();
