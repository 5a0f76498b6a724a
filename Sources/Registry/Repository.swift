import Glibc
import ImageStore
import JSONText
package import OCIModel

/// One repository of a registry.
package struct Repository: Sendable {
  let client: RegistryClient
  let host: RegistryHost
  package let path: String

  /// `host[:port]` of the server, for messages.
  package var authority: String { host.authority }

  /// What a token has to allow.
  /// - Parameter sources: repositories that blobs are mounted from.
  func access(isPushing: Bool = false, sources: [String] = []) -> RegistryClient.Access {
    let scopes =
      ["repository:\(path):\(isPushing ? "pull,push" : "pull")"] + sources.map { "repository:\($0):pull" }
    return RegistryClient.Access(path: path, scopes: scopes.sorted())
  }

  // MARK: Manifests

  /// The types of documents that are understood.
  private static let accepted: [MediaType] = [.ociIndex, .ociManifest, .dockerManifestList, .dockerManifest]

  private func manifestCall(_ method: String, _ reference: String) -> RegistryClient.Call {
    RegistryClient.Call(
      method: method, target: "\(path)/manifests/\(reference)",
      headers: [HTTPHeader("Accept", Self.accepted.map(\.rawValue).joined(separator: ", "))], access: access()
    )
  }

  /// What a tag or digest names now; nil if the registry does not say so without sending it.
  package func digest(of reference: String) throws(RegistryError) -> Digest? {
    let response = try client.call(manifestCall("HEAD", reference), on: host).response
    return response["Docker-Content-Digest"].flatMap { try? Digest(parsing: $0) }
  }

  /// A manifest or index, by tag or digest, as it is: its bytes are what its digest is of.
  package func manifest(_ reference: String) throws(RegistryError) -> (
    descriptor: Descriptor, content: [UInt8]
  ) {
    let call = manifestCall("GET", reference)
    let (response, content) = try client.call(call, on: host, limit: JSONReader.manifestLimit)
    let actual = Digest(of: content)
    // By tag, the registry says what it sends; by digest, the digest does.
    let expected =
      (try? Digest(parsing: reference))
      ?? response["Docker-Content-Digest"].flatMap { try? Digest(parsing: $0) }
    if let expected, expected != actual { throw .wrongContent(expected: expected, actual: actual) }
    let type = try mediaType(of: content, response, actual)
    return (Descriptor(mediaType: type, digest: actual, size: Int64(content.count)), content)
  }

  /// The document's own word, else the registry's.
  private func mediaType(
    of content: [UInt8], _ response: HTTPResponse, _ digest: Digest
  ) throws(RegistryError) -> MediaType {
    let header = response["Content-Type"].map { text in
      String(text.prefix { $0 != ";" }).filter { $0 != " " }.lowercased()
    }
    var type = MediaType(rawValue: header ?? "")
    do throws(DocumentError) {
      let document = try JSONReader.read(content, limit: JSONReader.manifestLimit)
      if case .string(let text)? = document["mediaType"] {
        type = MediaType(rawValue: text)
      } else if !Self.accepted.contains(type) {
        // The specification does not ask a manifest of OCI for its type.
        if document["manifests"] != nil { type = .ociIndex }
        if document["layers"] != nil, document["config"] != nil { type = .ociManifest }
      }
      // A document of another kind than it says could be read in two ways.
      if type.isIndex, document["layers"] != nil || document["config"] != nil {
        throw .invalidValue(path: "mediaType", value: type.rawValue)
      }
      if type.isManifest, document["manifests"] != nil {
        throw .invalidValue(path: "mediaType", value: type.rawValue)
      }
    } catch {
      throw .document(name: digest.description, error)
    }
    guard type.isIndex || type.isManifest else { throw .unsupportedManifest(type) }
    return type
  }

  /// Puts a manifest or index.
  /// - Parameter reference: a tag, or its digest.
  /// - Returns: whether the registry says that it lists the manifest as referring to its subject.
  @discardableResult
  func putManifest(
    _ content: [UInt8], _ descriptor: Descriptor, as reference: String
  ) throws(RegistryError) -> Bool {
    let call = RegistryClient.Call(
      method: "PUT", target: "\(path)/manifests/\(reference)",
      headers: [HTTPHeader("Content-Type", descriptor.mediaType.rawValue)], body: .bytes(content),
      access: access(isPushing: true))
    let response = try client.call(call, on: host).response
    // A registry that keeps something else has changed the image.
    if let text = response["Docker-Content-Digest"], let actual = try? Digest(parsing: text),
      actual != descriptor.digest
    {
      throw .wrongContent(expected: descriptor.digest, actual: actual)
    }
    return response["OCI-Subject"] != nil
  }

  // MARK: Blobs

  /// Fewer bytes than these count as no progress of an attempt.
  private static let progress: Int64 = 1 << 16

  /// Brings a blob into the store, and goes on where a connection broke off.
  /// - Parameter received: told how many bytes are there; false stops.
  func fetch(
    _ descriptor: Descriptor, into store: OCILayoutStore, received: @escaping @Sendable (Int64) -> Bool
  ) throws(RegistryError) {
    let receiver = BlobReceiver(descriptor, store, received)
    var attempt = 1
    var isLast = false
    while true {
      let start = receiver.size
      do throws(RegistryError) {
        var call = RegistryClient.Call(
          method: "GET", target: "\(path)/blobs/\(descriptor.digest)", access: access())
        if start > 0 { call.headers = [HTTPHeader("Range", "bytes=\(start)-")] }
        receiver.begin(at: start)
        if start < descriptor.size || start == 0 { _ = try client.attempt(call, on: host, to: receiver) }
        if receiver.size == descriptor.size {
          do throws(RegistryError) {
            return try receiver.finish()
          } catch .wrongContent where receiver.pieces > 1 && !isLast {
            // The pieces may not belong together.
            isLast = true
            receiver.restart()
            continue
          }
        }
        // A connection that ends early does not always look broken.
        throw .unreachable(
          host: host.authority, code: 0,
          message: "the answer ended after \(receiver.size) of \(descriptor.size) bytes")
      } catch {
        if let failure = receiver.failure { throw failure }
        if error.answer?.status == 416, !isLast {
          isLast = true
          receiver.restart()
          continue
        }
        if receiver.size - start >= Self.progress { attempt = 1 }
        do throws(RegistryError) {
          try client.pause(after: error, attempt: attempt)
        } catch .unreachable(_, 0, _) {
          throw .wrongSize(descriptor.digest, expected: descriptor.size, actual: receiver.size)
        }
        attempt += 1
      }
    }
  }

  /// The whole content of a small blob, verified.
  func read(_ descriptor: Descriptor, limit: Int) throws(RegistryError) -> [UInt8] {
    guard descriptor.size <= limit else {
      throw .tooLarge(what: descriptor.digest.description, limit: Int64(limit))
    }
    let call = RegistryClient.Call(
      method: "GET", target: "\(path)/blobs/\(descriptor.digest)", access: access())
    let content = try client.call(call, on: host, limit: Int(descriptor.size)).body
    let actual = Digest(of: content)
    guard actual == descriptor.digest else {
      throw .wrongContent(expected: descriptor.digest, actual: actual)
    }
    return content
  }

  /// Whether the registry has a blob.
  func hasBlob(_ descriptor: Descriptor, _ access: RegistryClient.Access) throws(RegistryError) -> Bool {
    do throws(RegistryError) {
      let call = RegistryClient.Call(
        method: "HEAD", target: "\(path)/blobs/\(descriptor.digest)", access: access)
      _ = try client.call(call, on: host)
      return true
    } catch .notFound {
      return false
    } catch .status(let answer) where answer.status == 405 {
      return false
    }
  }
}
