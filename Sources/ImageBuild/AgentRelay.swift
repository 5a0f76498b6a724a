import FileTree
import Glibc

/// The socket through which one RUN reaches an SSH agent: with the owner and mode that its mount asks for, and for no more than
/// `AgentMessages` allows. It lives as long as the value.
///
/// The agent itself is asked by this process, so that it hears from the user whose it is, whoever the command is.
final class AgentRelay {
  /// The socket's path on the host.
  let path: [UInt8]
  private let thread: pthread_t
  /// A byte here tells the thread to go.
  private let stop: CInt

  /// Makes the socket `name` in a folder of the host.
  init(
    to agent: [UInt8], in folder: [UInt8], name: String, permissions: UInt32, owner: Owner?
  ) throws(FileError) {
    path = folder + Array("/\(name)".utf8)
    let place = BytePath(name)
    let directory = try Directory(opening: BytePath(folder))
    let listener = try LocalSocket(.write, place)
    // By the descriptor of the folder: the path may be longer than an address can be.
    try listener.bind("/proc/self/fd/\(directory.fileDescriptor)/\(name)")
    try directory.setPermissions(place, permissions & 0o777)
    if let owner { try directory.setOwner(place, owner) }
    try listener.listen()
    var ends: [CInt] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw FileError(.write, place, errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let work = RelayThread(listener: listener, agent: agent, stop: ends[0])
    var thread = pthread_t()
    let context = unsafe Unmanaged.passRetained(work).toOpaque()
    let error = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<RelayThread>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context)
    guard error == 0 else {
      unsafe Unmanaged<RelayThread>.fromOpaque(context).release()
      close(ends[1])
      throw FileError(.write, place, error)
    }
    self.thread = thread
    stop = ends[1]
  }

  deinit {
    // Fits into the pipe; its end alone would not do, as another thread may start a program that has it too.
    _ = unsafe write(stop, [1], 1)
    pthread_join(thread, nil)
    close(stop)
  }
}

/// A socket of the file system's kind that does not block.
private struct LocalSocket: ~Copyable, Sendable {
  let descriptor: CInt
  private let operation: FileError.Operation
  private let place: BytePath

  init(_ operation: FileError.Operation, _ place: BytePath) throws(FileError) {
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    descriptor = socket(AF_UNIX, kind, 0)
    self.operation = operation
    self.place = place
    guard descriptor >= 0 else { throw FileError(operation, place, errno) }
  }

  deinit { close(descriptor) }

  func bind(_ path: String) throws(FileError) {
    guard unsafe Self.withAddress(path, { unsafe Glibc.bind(descriptor, $0, $1) }) == 0 else {
      throw FileError(operation, place, errno)
    }
  }

  func listen() throws(FileError) {
    guard Glibc.listen(descriptor, 16) == 0 else { throw FileError(operation, place, errno) }
  }

  /// - Returns: 0, or an `errno`.
  func connect(_ path: String) -> CInt {
    unsafe Self.withAddress(path, { unsafe Glibc.connect(descriptor, $0, $1) }) == 0 ? 0 : errno
  }

  private static func withAddress(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
  ) -> CInt {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
      errno = ENAMETOOLONG
      return -1
    }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, size) }
    }
  }
}

/// What the thread of a relay does: it serves all who connect, one message after the other.
private final class RelayThread: Sendable {
  private let listener: LocalSocket
  private let agent: [UInt8]
  private let stop: CInt

  /// Whoever comes when there are so many waits.
  private static let mostClients = 64

  private struct Client {
    var descriptor: CInt
    /// What has come of a message that is not whole yet.
    var received: [UInt8] = []
  }

  private enum Ended: Error {
    /// The other side has gone, or does not keep to the protocol.
    case other
    case stopped
  }

  init(listener: consuming LocalSocket, agent: [UInt8], stop: CInt) {
    self.listener = listener
    self.agent = agent
    self.stop = stop
  }

  deinit { close(stop) }

  func run() {
    var clients: [Client] = []
    defer { for client in clients { close(client.descriptor) } }
    while true {
      var entries = [stop, clients.count < Self.mostClients ? listener.descriptor : -1].map(Self.entry)
      entries += clients.map { Self.entry($0.descriptor) }
      if unsafe poll(&entries, nfds_t(entries.count), -1) < 0 {
        if errno == EINTR { continue }
        return
      }
      if entries[0].revents != 0 { return }
      var left: [Client] = []
      for (var client, entry) in zip(clients, entries.dropFirst(2)) {
        do throws(Ended) {
          if entry.revents != 0 { try serve(&client) }
          left.append(client)
        } catch {
          close(client.descriptor)
        }
      }
      clients = left
      if entries[1].revents != 0 {
        let new = accept(listener.descriptor, nil, nil)
        if new >= 0 {
          _ = fcntl(new, F_SETFD, FD_CLOEXEC)
          _ = fcntl(new, F_SETFL, O_NONBLOCK)
          clients.append(Client(descriptor: new))
        }
      }
    }
  }

  private static func entry(_ descriptor: CInt) -> pollfd {
    pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  }

  /// Takes what a client has sent, and answers what is whole.
  private func serve(_ client: inout Client) throws(Ended) {
    client.received += try receive(client.descriptor)
    do throws(AgentMessages.Oversized) {
      while let count = try AgentMessages.count(client.received[...]), client.received.count >= count {
        let message = client.received.prefix(count)
        let answer = AgentMessages.isAllowed(message) ? ask(Array(message)) : AgentMessages.refusal
        client.received.removeFirst(count)
        do throws(Ended) { try send(answer, to: client.descriptor) } catch { throw AgentMessages.Oversized() }
      }
    } catch {
      throw .other
    }
  }

  /// The agent's answer; a refusal where it gives none.
  private func ask(_ message: [UInt8]) -> [UInt8] {
    do {
      let path = BytePath(agent)
      let folder = try Directory(opening: path.parent)
      let socket = try LocalSocket(.read, path)
      let name = String(decoding: path.lastComponent, as: UTF8.self)
      while true {
        let error = socket.connect("/proc/self/fd/\(folder.fileDescriptor)/\(name)")
        if error == 0 { break }
        // So many ask the agent at this moment.
        guard error == EAGAIN, !waitForStop(milliseconds: 20) else { return AgentMessages.refusal }
      }
      try send(message, to: socket.descriptor)
      var answer: [UInt8] = []
      while true {
        try wait(socket.descriptor, POLLIN)
        answer += try receive(socket.descriptor)
        if let count = try AgentMessages.count(answer[...]), answer.count >= count {
          return Array(answer.prefix(count))
        }
      }
    } catch {
      return AgentMessages.refusal
    }
  }

  // MARK: Bytes

  /// What is there to read; nothing where that was a false alarm.
  private func receive(_ descriptor: CInt) throws(Ended) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 1 << 14)
    let count = unsafe recv(descriptor, &bytes, bytes.count, 0)
    if count < 0, errno == EAGAIN || errno == EINTR { return [] }
    guard count > 0 else { throw .other }
    return Array(bytes.prefix(count))
  }

  private func send(_ bytes: [UInt8], to descriptor: CInt) throws(Ended) {
    var sent = 0
    while sent < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[sent...])
        return unsafe Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
      }
      if count >= 0 {
        sent += count
      } else if errno == EAGAIN {
        try wait(descriptor, POLLOUT)
      } else if errno != EINTR {
        throw .other
      }
    }
  }

  private func wait(_ descriptor: CInt, _ events: Int32) throws(Ended) {
    var entries = [Self.entry(stop), pollfd(fd: descriptor, events: Int16(events), revents: 0)]
    while unsafe poll(&entries, 2, -1) < 0 {
      guard errno == EINTR else { throw .other }
    }
    if entries[0].revents != 0 { throw .stopped }
  }

  private func waitForStop(milliseconds: Int32) -> Bool {
    var entry = Self.entry(stop)
    return unsafe poll(&entry, 1, milliseconds) > 0
  }
}
