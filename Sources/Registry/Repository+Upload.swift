import Glibc
import ImageStore
import OCIModel

extension Repository {
  /// How a blob got into a repository.
  enum Upload {
    case present, mounted(from: String), sent
  }

  /// Where the bytes of a blob are.
  enum BlobBytes: Sendable {
    /// In the file of this path.
    case file([UInt8])
    case bytes([UInt8])
  }

  /// Blobs up to this size go with a single request.
  private static let smallBlob: Int64 = 1 << 20

  /// Puts a blob into the repository, unless it is there. A connection that breaks is taken up where the registry says it
  /// has come to.
  ///
  /// - Parameters:
  ///   - bytes: where the blob is.
  ///   - source: another repository of the registry that may have the blob.
  ///   - sent: told how many bytes have been handed over.
  func upload(
    _ descriptor: Descriptor, _ bytes: BlobBytes, source: String?, access: RegistryClient.Access,
    sent: @escaping @Sendable (Int64) -> Void
  ) throws(RegistryError) -> Upload {
    if try hasBlob(descriptor, access) { return .present }
    if let source, try mount(descriptor, from: source, access) { return .mounted(from: source) }
    sent(0)
    var attempt = 1
    var place: Place?
    var mostAccepted: Int64 = 0
    while true {
      do throws(RegistryError) {
        // What was thought to have failed may have been carried out.
        if attempt > 1, place == nil, try hasBlob(descriptor, access) { return .sent }
        var current: Place
        if let place { current = place } else { current = try start(access) }
        place = current
        let content = Content(descriptor: descriptor, bytes: bytes, sent: sent)
        if descriptor.size > Self.smallBlob {
          while current.offset < descriptor.size {
            let next = try send(content, current, access)
            guard next.offset > current.offset else {
              throw .malformed(host: host.authority, reason: "it took nothing of an upload")
            }
            current = next
            place = current
            if current.offset - mostAccepted >= Self.smallBlob {
              (mostAccepted, attempt) = (current.offset, 1)
            }
          }
        }
        try finish(content, current, access)
        return .sent
      } catch {
        let isOutOfStep = error.answer?.status == 416
        if isOutOfStep {
          guard attempt < client.options.retry.attempts else { throw error }
        } else if case .notFound = error, place != nil, attempt < client.options.retry.attempts {
          // The registry has forgotten the upload.
          place = nil
        } else {
          try client.pause(after: error, attempt: attempt)
        }
        attempt += 1
        if let known = place {
          place = try status(known, access)
          if let offset = place?.offset, offset - mostAccepted >= Self.smallBlob {
            mostAccepted = offset
            attempt = 2
          }
        }
      }
    }
  }

  /// Where an upload goes on, and with which byte.
  private struct Place {
    var url: HTTPURL
    var offset: Int64
  }

  private struct Content {
    var descriptor: Descriptor
    var bytes: BlobBytes
    var sent: @Sendable (Int64) -> Void

    func body(from offset: Int64) -> HTTPBody {
      switch bytes {
      case .file(let path): .file(path: path, offset: offset, size: descriptor.size - offset)
      case .bytes(let bytes): .bytes(Array(bytes.dropFirst(Int(offset))))
      }
    }
  }

  private func uploads(_ access: RegistryClient.Access, _ query: String = "") -> RegistryClient.Call {
    RegistryClient.Call(
      method: "POST", target: "\(path)/blobs/uploads/\(query)", body: .bytes([]), access: access)
  }

  /// - Returns: whether the registry has taken the blob over.
  private func mount(
    _ descriptor: Descriptor, from source: String, _ access: RegistryClient.Access
  ) throws(RegistryError) -> Bool {
    let digest = HTTPURL.encoded(descriptor.digest.description)
    let call = uploads(access, "?mount=\(digest)&from=\(HTTPURL.encoded(source))")
    do throws(RegistryError) {
      // Instead of 201, a registry that cannot do it starts an upload, which goes by itself.
      return try client.call(call, on: host).response.status == 201
    } catch {
      // What is wrong with it is no reason not to send the blob.
      if case .cancelled = error { throw error }
      return false
    }
  }

  private func start(_ access: RegistryClient.Access) throws(RegistryError) -> Place {
    let response = try client.attempt(uploads(access), on: host, to: MemoryReceiver(limit: 1 << 16))
    return try place(response, after: nil, offset: 0)
  }

  /// The place that an answer names.
  private func place(
    _ response: HTTPResponse, after url: HTTPURL?, offset: Int64
  ) throws(RegistryError) -> Place {
    var base = try client.base(of: host)
    base.target = "/v2/\(path)/blobs/uploads/"
    guard let location = response["Location"] else {
      if let url { return Place(url: url, offset: offset) }
      throw .malformed(host: host.authority, reason: "it does not say where an upload goes")
    }
    guard var found = (url ?? base).resolving(location) else {
      throw .malformed(host: host.authority, reason: "it sends an upload to what is no URL")
    }
    // A registry behind a proxy may not know that it is asked by https.
    if found.scheme == .http, base.scheme == .https, found.host == base.host {
      found = HTTPURL(scheme: .https, host: base.host, port: base.port, target: found.target)
    }
    guard found.isConfidential || !base.isConfidential || client.options.isInsecure else {
      throw .redirection(host: host.authority)
    }
    return Place(url: found, offset: offset)
  }

  private func call(
    _ method: String, _ place: Place, _ access: RegistryClient.Access, _ body: HTTPBody?
  ) -> RegistryClient.Call {
    var call = RegistryClient.Call(method: method, url: place.url, body: body, access: access)
    if body != nil { call.headers.append(HTTPHeader("Content-Type", "application/octet-stream")) }
    return call
  }

  /// Sends what is left.
  private func send(
    _ content: Content, _ place: Place, _ access: RegistryClient.Access
  ) throws(RegistryError) -> Place {
    var call = call("PATCH", place, access, content.body(from: place.offset))
    if place.offset > 0 {
      call.headers.append(HTTPHeader("Content-Range", "\(place.offset)-\(content.descriptor.size - 1)"))
    }
    let start = place.offset
    call.sent = { content.sent(start + $0) }
    let response = try client.attempt(call, on: host, to: MemoryReceiver(limit: 1 << 16))
    let end = Self.end(response["Range"]) ?? content.descriptor.size
    return try self.place(response, after: place.url, offset: min(end, content.descriptor.size))
  }

  private func finish(
    _ content: Content, _ place: Place, _ access: RegistryClient.Access
  ) throws(RegistryError) {
    var call = call("PUT", place, access, content.body(from: place.offset))
    if place.offset == content.descriptor.size { call.body = .bytes([]) }
    call.url = place.url.adding("digest", content.descriptor.digest.description)
    _ = try client.attempt(call, on: host, to: MemoryReceiver(limit: 1 << 16))
  }

  /// How far an upload has come; nil if the registry does not know of it.
  private func status(_ place: Place, _ access: RegistryClient.Access) throws(RegistryError) -> Place? {
    do throws(RegistryError) {
      let response = try client.call(call("GET", place, access, nil), on: host).response
      return try self.place(response, after: place.url, offset: Self.end(response["Range"]) ?? 0)
    } catch {
      if case .cancelled = error { throw error }
      return nil
    }
  }

  /// The byte behind those of `Range: 0-N`, which is `0-0` for none in docker's registry and for one in others; asked for
  /// again, a registry that has one says so.
  private static func end(_ range: String?) -> Int64? {
    guard let range, let dash = range.lastIndex(of: "-"), let last = Int64(range[range.index(after: dash)...])
    else { return nil }
    return last == 0 ? 0 : last + 1
  }
}
