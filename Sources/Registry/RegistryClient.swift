package import OCIModel
import Synchronization

/// Speaks with registries (OCI distribution-spec 1.1, docker's registry API v2): finds out how, shows credentials, follows
/// redirections and tries again. Any number of threads may use it.
package final class RegistryClient: Sendable {
  package struct Options: Sendable {
    /// Whether any certificate will do, and plain http where there is no https.
    package var isInsecure = false
    package var retry = RetryPolicy()
    /// Asked for images first, in their order.
    package var mirrors: [RegistryMirror] = []
    /// Readable once everything is to be given up; -1 for none.
    package var cancel: CInt = -1
    /// Told before a wait of so many milliseconds.
    package var retrying: @Sendable (RegistryError, Int64) -> Void = { _, _ in }

    package init() {}
  }

  let transport: any HTTPTransport
  let credentials: CredentialStore
  let trust: TrustStore
  package let options: Options
  /// What mirrors are asked with; nil without any.
  let mirrorClient: RegistryClient?
  private let hosts = Mutex<[String: RegistryHost]>([:])

  /// Mirrors that could not be reached, which are not asked again.
  let unreachableMirrors = Mutex<Set<RegistryMirror>>([])

  /// Attempts on a mirror, and seconds that it may make wait: there is somebody else to ask.
  private static let mirrorAttempts = 2
  private static let mirrorPause: Int64 = 5

  package init(
    transport: any HTTPTransport, credentials: CredentialStore, trust: TrustStore,
    options: Options = Options()
  ) {
    self.transport = transport
    self.credentials = credentials
    self.trust = trust
    self.options = options
    if options.mirrors.isEmpty {
      mirrorClient = nil
    } else {
      var ofMirrors = options
      ofMirrors.mirrors = []
      ofMirrors.retry.attempts = min(options.retry.attempts, Self.mirrorAttempts)
      ofMirrors.retry.longestRetryAfter = min(options.retry.longestRetryAfter, Self.mirrorPause)
      mirrorClient = RegistryClient(
        transport: transport, credentials: credentials, trust: trust, options: ofMirrors)
    }
  }

  func host(_ domain: String) -> RegistryHost {
    hosts.withLock { hosts in
      if let host = hosts[domain] { return host }
      let host = RegistryHost(domain)
      hosts[domain] = host
      return host
    }
  }

  /// The repository of a reference.
  package func repository(_ reference: ImageReference) -> Repository {
    Repository(client: self, host: host(reference.domain), path: reference.path)
  }

  /// A request to a registry.
  struct Call {
    var method: String
    /// Behind `/v2/`.
    var target = ""
    /// In place of `target`: where the registry has said that this goes on.
    var url: HTTPURL?
    var headers: [HTTPHeader] = []
    var body: HTTPBody?
    var access = Access()
    var sent: (@Sendable (Int64) -> Void)?
  }

  /// What a token has to allow: `repository:<path>:<actions>`, sorted.
  struct Access: Hashable {
    /// The repository whose credential is shown; empty for none in particular.
    var path = ""
    var scopes: [String] = []
  }

  // MARK: One attempt

  /// Makes a request, with what the registry wants to see.
  ///
  /// - Returns: the answer, if it is one of success. Its body has gone to the receiver, which sees nothing of others.
  func attempt(
    _ call: Call, on host: RegistryHost, to receiver: any BodyReceiver
  ) throws(RegistryError) -> HTTPResponse {
    let base = try base(of: host)
    var url = base
    url.target = "/v2/" + call.target
    if let location = call.url { url = location }
    var isSecond = false
    while true {
      var request = HTTPRequest(call.method, url, headers: call.headers, body: call.body)
      request.cancel = options.cancel
      request.sent = call.sent
      let authorization = try authorization(for: call.access, on: host, base: base)
      let outcome = try follow(request, authorization: authorization?.value, origin: base, receiver)
      if outcome.response.isSuccess { return outcome.response }
      if outcome.response.status == 401, !isSecond, outcome.request.url.isSameOrigin(as: base),
        try host.learn(outcome.response, access: call.access)
      {
        isSecond = true
        continue
      }
      throw RegistryError(
        outcome.response, body: outcome.failure, request: outcome.request,
        hasCredential: authorization?.isSecret ?? false)
    }
  }

  /// The last answer of a request that may have been redirected.
  private struct Outcome {
    var response: HTTPResponse
    var request: HTTPRequest
    /// The body of an answer that is none of success.
    var failure: [UInt8]
  }

  private static let mostRedirections = 10

  /// Makes a request and follows redirections. The authorization is seen by its origin alone.
  private func follow(
    _ first: HTTPRequest, authorization: String?, origin: HTTPURL, _ receiver: any BodyReceiver
  ) throws(RegistryError) -> Outcome {
    var request = first
    for _ in 0...Self.mostRedirections {
      request.headers = first.headers
      request.trust = try trust.trust(for: request.url)
      if let authorization, request.url.isSameOrigin(as: origin) {
        request.headers.append(HTTPHeader("Authorization", authorization))
      }
      let split = SplitReceiver(receiver)
      let response: HTTPResponse
      do throws(TransportError) {
        response = try transport.send(request, to: split)
      } catch {
        throw RegistryError(error, host: request.url.authority)
      }
      let isReading = request.method == "GET" || request.method == "HEAD"
      guard [307, 308].contains(response.status) || isReading && [301, 302, 303].contains(response.status)
      else {
        return Outcome(response: response, request: request, failure: split.failure)
      }
      guard let location = response["Location"], let next = request.url.resolving(location),
        next.isConfidential || !request.url.isConfidential || options.isInsecure
      else { throw .redirection(host: request.url.authority) }
      request.url = next
    }
    throw .redirection(host: first.url.authority)
  }

  /// Makes a request of no registry in particular: to a token server.
  func attemptToken(_ first: HTTPRequest, authorization: String?) throws(RegistryError) -> [UInt8] {
    let receiver = MemoryReceiver(limit: 1 << 20)
    var first = first
    first.cancel = options.cancel
    let outcome = try follow(first, authorization: authorization, origin: first.url, receiver)
    guard outcome.response.isSuccess else {
      throw RegistryError(
        outcome.response, body: outcome.failure, request: outcome.request, hasCredential: authorization != nil
      )
    }
    return receiver.bytes
  }

  // MARK: Several attempts

  /// Does something until it is done, fails for good, or has failed too often.
  func retrying<Result>(_ body: () throws(RegistryError) -> Result) throws(RegistryError) -> Result {
    var attempt = 1
    while true {
      do throws(RegistryError) {
        return try body()
      } catch {
        try pause(after: error, attempt: attempt)
        attempt += 1
      }
    }
  }

  /// Waits before the next attempt.
  /// - Throws: the error itself if there is to be none.
  func pause(after error: RegistryError, attempt: Int) throws(RegistryError) {
    guard let pause = options.retry.pause(after: error, attempt: attempt) else { throw error }
    options.retrying(error, pause)
    guard RetryPolicy.wait(pause, cancel: options.cancel) else { throw .cancelled }
  }

  /// A request whose answer has a small body.
  func call(
    _ call: Call, on host: RegistryHost, limit: Int = 1 << 20
  ) throws(RegistryError) -> (response: HTTPResponse, body: [UInt8]) {
    try retrying { () throws(RegistryError) in
      let receiver = MemoryReceiver(limit: limit)
      do throws(RegistryError) {
        return (try attempt(call, on: host, to: receiver), receiver.bytes)
      } catch {
        if receiver.isTooLarge { throw .tooLarge(what: call.target, limit: Int64(limit)) }
        throw error
      }
    }
  }

  // MARK: The scheme

  /// The address of a registry: https, or plain http if it is on this machine, or allowed, and speaks no https.
  func base(of host: RegistryHost) throws(RegistryError) -> HTTPURL {
    guard let url = HTTPURL(scheme: .https, authority: host.authority, target: "/") else {
      throw .malformed(host: host.authority, reason: "it is no host")
    }
    guard url.isLoopback || options.isInsecure else { return url }
    let scheme = try host.scheme { () throws(RegistryError) in
      var probe = HTTPRequest("GET", url)
      probe.url.target = "/v2/"
      probe.cancel = options.cancel
      probe.trust = try trust.trust(for: url)
      do throws(TransportError) {
        _ = try transport.send(probe, to: MemoryReceiver(limit: 1 << 20))
        return .https
      } catch {
        if case .cancelled = error { throw .cancelled }
        if case .noLibrary(let reason) = error { throw .noLibrary(reason) }
        let failure = RegistryError(error, host: url.authority)
        if case .certificate = failure { throw failure }
        return .http
      }
    }
    var base = url
    base.scheme = scheme
    return base
  }
}

/// Keeps a small body.
final class MemoryReceiver: BodyReceiver {
  private(set) var bytes: [UInt8] = []
  private(set) var isTooLarge = false
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  func receive(_ bytes: UnsafeRawBufferPointer, of response: HTTPResponse) -> Bool {
    guard self.bytes.count + bytes.count <= limit else {
      isTooLarge = true
      return false
    }
    unsafe self.bytes.append(contentsOf: bytes)
    return true
  }
}

/// Hands on the body of a success, and keeps the beginning of any other.
private final class SplitReceiver: BodyReceiver {
  private let inner: any BodyReceiver
  private(set) var failure: [UInt8] = []

  init(_ inner: any BodyReceiver) { self.inner = inner }

  func receive(_ bytes: UnsafeRawBufferPointer, of response: HTTPResponse) -> Bool {
    if response.isSuccess { return unsafe inner.receive(bytes, of: response) }
    let room = max(0, 1 << 16 - failure.count)
    unsafe failure.append(contentsOf: bytes.prefix(room))
    return true
  }
}
