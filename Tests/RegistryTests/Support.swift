import Glibc
import ImageStore
import OCIModel
import Synchronization
import TestSupport

@testable import Registry

/// A folder with a store, and a client that waits for milliseconds only.
struct Desk {
  let folder: String
  let store: OCILayoutStore
  var credentials: CredentialStore

  init(_ folder: String, store name: String = "store") throws {
    self.folder = folder
    store = try OCILayoutStore.open(root: Array("\(folder)/\(name)".utf8))
    credentials = CredentialStore(paths: [folder + "/config.json"])
  }

  /// The same with another store.
  func other(_ name: String) throws -> Desk {
    var desk = try Desk(folder, store: name)
    desk.credentials = credentials
    return desk
  }

  func client(
    _ transport: any HTTPTransport = CurlTransport(), isInsecure: Bool = false, attempts: Int = 4
  ) -> RegistryClient {
    var options = RegistryClient.Options()
    options.retry.attempts = attempts
    options.retry.firstPause = 1
    options.retry.longestPause = 2
    options.isInsecure = isInsecure
    return RegistryClient(
      transport: transport, credentials: credentials, trust: TrustStore(folders: [folder + "/certs.d"]),
      options: options)
  }

  func name(_ text: String) throws -> ImageReference { try ImageReference(parsing: text) }

  @discardableResult
  func pull(_ text: String, _ platforms: ImagePull.Platforms = .one(nil), _ client: RegistryClient? = nil)
    throws
    -> Descriptor
  {
    try ImagePull(client ?? self.client(), store: store) { _ in }.pull(name(text), platforms)
  }

  @discardableResult
  func push(
    _ image: Descriptor, _ text: String, _ platforms: ImagePush.Platforms = .available,
    events: EventLog = EventLog(),
    _ client: RegistryClient? = nil
  ) throws -> Descriptor {
    try ImagePush(client ?? self.client(), store: store) { events.add($0) }.push(
      image, as: name(text), platforms)
  }

  /// Puts an image into the store whose layers are these bytes.
  func image(
    _ layers: [[UInt8]], platform: String = "amd64", type: MediaType = .ociManifest, name: String? = nil
  ) throws -> Descriptor {
    var descriptors: [Descriptor] = []
    for layer in layers {
      descriptors.append(try store.put(layer, mediaType: type == .ociManifest ? .ociLayer : .dockerLayer))
    }
    let diffIDs = descriptors.map { "\"\($0.digest)\"" }.joined(separator: ",")
    let config = try store.put(
      Array(
        #"{"architecture":"\#(platform)","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[\#(diffIDs)]}}"#
          .utf8), mediaType: type == .ociManifest ? .ociConfig : .dockerConfig)
    let manifest = ImageManifest(mediaType: type, config: config, layers: descriptors)
    var descriptor = try store.put(manifest.encoded(), mediaType: type)
    descriptor.platform = Platform(os: "linux", architecture: platform)
    if let name { try store.add(descriptor, names: [ImageReference(parsing: name)]) }
    return descriptor
  }

  func index(_ images: [Descriptor], name: String? = nil) throws -> Descriptor {
    let descriptor = try store.put(ImageIndex(manifests: images).encoded(), mediaType: .ociIndex)
    if let name { try store.add(descriptor, names: [ImageReference(parsing: name)]) }
    return descriptor
  }

  /// What is wrong with the store, and which images it lists.
  var state: (problems: [StoreProblem], images: Int) {
    get throws { (try store.verify(), try store.images().count) }
  }

  /// Writes docker's file of credentials.
  func logIn(_ authority: String, _ user: String, _ password: String) throws {
    let auth = Base64.encode(Array("\(user):\(password)".utf8))
    try Files.write(
      Array(#"{"auths":{"\#(authority)":{"auth":"\#(auth)"}}}"#.utf8), to: folder + "/config.json")
  }
}

/// Some bytes, always the same for one seed.
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var generator = SeededGenerator(seed: seed)
  let page = generator.bytes(1021)
  var result: [UInt8] = []
  result.reserveCapacity(count + page.count)
  while result.count < count { result += page }
  return Array(result.prefix(count))
}

final class EventLog: Sendable {
  private let lines = Mutex<[String]>([])

  func add(_ event: TransferEvent) {
    let line: String? =
      switch event {
      case .finished(let blob): "finished \(blob.digest)"
      case .present(let blob): "present \(blob.digest)"
      case .mounted(let blob, let source): "mounted \(blob.digest) \(source)"
      case .progress, .manifest, .passedOver: nil
      }
    if let line { lines.withLock { $0.append(line) } }
  }

  func count(_ word: String) -> Int { lines.withLock { $0.count { $0.hasPrefix(word) } } }
}

/// Answers by a function, and keeps what was asked.
final class RecordingTransport: HTTPTransport {
  private let answer: @Sendable (HTTPRequest) -> (HTTPResponse, [UInt8])?
  private let log = Mutex<[HTTPRequest]>([])

  /// - Parameter answer: nil for a host that is not there.
  init(_ answer: @escaping @Sendable (HTTPRequest) -> (HTTPResponse, [UInt8])?) { self.answer = answer }

  var requests: [HTTPRequest] { log.withLock { $0 } }

  func send(_ request: HTTPRequest, to receiver: any BodyReceiver) throws(TransportError) -> HTTPResponse {
    log.withLock { $0.append(request) }
    guard let (response, body) = answer(request) else { throw .failed(code: 7, message: "nobody there") }
    let isTaken = unsafe body.withUnsafeBytes { bytes in
      unsafe bytes.count == 0 || receiver.receive(bytes, of: response)
    }
    guard isTaken else { throw .refused }
    return response
  }
}

extension HTTPRequest {
  var authorization: String? { headers.first { $0.name == "Authorization" }?.value }
}

/// Runs something that must fail.
func failure(_ body: () throws -> Void) -> RegistryError? {
  do {
    try body()
    return nil
  } catch {
    return error as? RegistryError
  }
}

let hasPython = Processes.find("python3") != nil
