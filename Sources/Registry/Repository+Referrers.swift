import ImageStore
import JSONText
import OCIModel

// What refers to a manifest (OCI distribution-spec 1.1, "Listing Referrers"). A registry that does not know of it has, by the
// same specification, an index under a tag that the digest makes, which clients keep.
extension Repository {
  /// How much is listed at the most for one manifest.
  private static let mostReferrers = 500
  private static let mostPages = 50

  /// What the registry lists as referring to a manifest. That is its word: the manifests themselves have the last one.
  func referrers(to subject: Digest) throws(RegistryError) -> [Descriptor] {
    var found: [Descriptor] = []
    var call = RegistryClient.Call(
      method: "GET", target: "\(path)/referrers/\(subject)",
      headers: [HTTPHeader("Accept", MediaType.ociIndex.rawValue)], access: access())
    for _ in 0..<Self.mostPages {
      let answer: (response: HTTPResponse, body: [UInt8])
      do throws(RegistryError) {
        answer = try client.call(call, on: host, limit: JSONReader.manifestLimit)
      } catch .notFound where found.isEmpty {
        return try taggedReferrers(to: subject).manifests
      } catch .status(let answer) where found.isEmpty && [400, 405, 501].contains(answer.status) {
        return try taggedReferrers(to: subject).manifests
      }
      do throws(DocumentError) {
        found += try ImageIndex(decoding: answer.body).manifests
      } catch {
        // What is no index is the page of somebody who answers 200 to everything.
        if found.isEmpty { return try taggedReferrers(to: subject).manifests }
        throw .document(name: "referrers of \(subject)", error)
      }
      guard found.count <= Self.mostReferrers else {
        throw .store(.tooMany(what: "manifests that refer to one", limit: Self.mostReferrers))
      }
      guard let next = try nextPage(answer.response) else { return found }
      call.url = next
    }
    throw .store(.tooMany(what: "pages of referrers", limit: Self.mostPages))
  }

  /// `Link: <URL>; rel="next"`.
  private func nextPage(_ response: HTTPResponse) throws(RegistryError) -> HTTPURL? {
    guard
      let link = response.values("Link").first(where: {
        $0.contains("rel=\"next\"") || $0.contains("rel=next")
      }),
      let start = link.firstIndex(of: "<"), let end = link[start...].firstIndex(of: ">")
    else { return nil }
    var base = try client.base(of: host)
    base.target = "/v2/\(path)/referrers/"
    guard let next = base.resolving(String(link[link.index(after: start)..<end])), next.isSameOrigin(as: base)
    else {
      throw .malformed(host: host.authority, reason: "the next page of referrers is elsewhere")
    }
    return next
  }

  // MARK: Without the registry's help

  /// The tag that stands for what refers to a manifest.
  private static func tag(of subject: Digest) -> String {
    subject.description.replacing(":", with: "-")
  }

  private func taggedReferrers(to subject: Digest) throws(RegistryError) -> ImageIndex {
    let found: (descriptor: Descriptor, content: [UInt8])
    do throws(RegistryError) {
      found = try manifest(Self.tag(of: subject))
    } catch .notFound {
      return ImageIndex(manifests: [])
    }
    do throws(DocumentError) {
      return try ImageIndex(decoding: found.content)
    } catch {
      throw .document(name: Self.tag(of: subject), error)
    }
  }

  /// Puts a manifest that refers to another one: under its tag, if that is what says so; else it is listed where the registry does not do
  /// that itself.
  func putReferrer(_ content: [UInt8], _ referrer: Referrer) throws(RegistryError) {
    if let tag = referrer.tag {
      try putManifest(content, referrer.descriptor, as: tag)
      return
    }
    let isListed = try putManifest(content, referrer.descriptor, as: referrer.descriptor.digest.description)
    if isListed { return }
    var index = try taggedReferrers(to: referrer.subject)
    guard !index.manifests.contains(where: { $0.digest == referrer.descriptor.digest }) else { return }
    index.manifests.append(referrer.descriptor)
    let content = index.encoded()
    try putManifest(
      content, Descriptor(of: content, mediaType: .ociIndex), as: Self.tag(of: referrer.subject))
  }
}
