import OCIModel
import Testing

@testable import ImageStore

/// The store is a layout that other tools write into as well: what they list there is shown, stays, and is in nobody's way.
@Suite("What other tools list in the store")
struct ForeignEntryTests {
  /// A store with the image `app:1`, and what some of its entries look like.
  private struct Shelf {
    let scratch: Scratch
    let image: TinyImage

    init() throws {
      scratch = try Scratch()
      let store = try scratch.store()
      image = try TinyImage(in: store)
      try store.tag(reference("app:1"), image.descriptor)
    }

    func store() throws -> OCILayoutStore { try scratch.store() }

    /// Puts entries behind those that there are, as they stand.
    func list(_ entries: String...) throws {
      let index = text(try scratch.read("store/index.json"))
      try #require(index.hasSuffix("]}"))
      try scratch.write("new", Array((index.dropLast(2) + "," + entries.joined(separator: ",") + "]}").utf8))
      try scratch.move(scratch.name("new"), scratch.name("store/index.json"))
    }

    /// A blob of any kind, as an entry.
    func entry(_ content: String, type: String, _ more: String = "") throws -> (text: String, digest: Digest)
    {
      let blob = try store().put(Array(content.utf8), mediaType: MediaType(rawValue: type))
      return (entry(blob, more), blob.digest)
    }

    func entry(_ blob: Descriptor, _ more: String = "") -> String {
      #"{"mediaType":"\#(blob.mediaType)","digest":"\#(blob.digest)","size":\#(blob.size)\#(more)}"#
    }

    /// A manifest whose one layer is a text.
    func artifact(_ layer: String, subject: Descriptor? = nil) throws -> Descriptor {
      let store = try store()
      let manifest = ImageManifest(
        config: try store.put(Array("{}".utf8), mediaType: .ociEmpty),
        layers: [try store.put(Array(layer.utf8), mediaType: "text/plain")],
        artifactType: "application/vnd.tests.chart", subject: subject?.bare)
      return try store.put(manifest.encoded(), mediaType: .ociManifest)
    }

    /// What is listed, as `slipway images` names it.
    func names() throws -> [String] {
      try store().images().map { $0.name?.familiarName ?? $0.label.map { "<none>:\($0)" } ?? "<none>" }
    }
  }

  private static func name(_ text: String) -> String {
    #","annotations":{"\#(AnnotationKey.referenceName)":"\#(text)"}"#
  }

  @Test(
    "Images, artifacts and what nobody knows are listed; all that they name stays, and nothing is a problem")
  func kinds() throws {
    let shelf = try Shelf()
    let chart = try shelf.artifact("chart")
    let old = try shelf.entry(
      #"{"blobs":[\#(shelf.entry(try shelf.store().put([1, 2, 3], mediaType: "text/plain")))]}"#,
      type: "application/vnd.oci.artifact.manifest.v1+json")
    let inner = try shelf.store().put(ImageIndex(manifests: [chart]).encoded(), mediaType: .ociIndex)
    let outer = try shelf.store().put(ImageIndex(manifests: [inner]).encoded(), mediaType: .ociIndex)
    let readme = try shelf.entry("no document", type: "text/x-readme")
    try shelf.list(
      shelf.entry(chart, Self.name("chart")), old.text, shelf.entry(outer, Self.name("nested")), readme.text)

    #expect(try shelf.names() == ["app:1", "<none>:chart", "<none>:nested", "<none>", "<none>"])
    #expect(try shelf.store().verify() == [])
    #expect(try shelf.store().collectGarbage(removingNameless: false).digests == [])
    #expect(try shelf.store().pruneCache(CachePruning()).blobs.digests == [])
    #expect(try shelf.store().blobUsage().unneeded.digests == [])
    for artifact in [chart, outer] {
      #expect(throws: StoreError.self) { try shelf.store().resolve(artifact, platform: nil) }
    }
    let found = try shelf.store().descriptor(of: reference("x@\(inner.digest)"))
    #expect(found?.digest == inner.digest, "an index in an index is found")
  }

  @Test("An index of an image and of other things is the image")
  func mixed() throws {
    let shelf = try Shelf()
    let index = try shelf.store().put(
      ImageIndex(manifests: [try shelf.artifact("chart"), shelf.image.descriptor]).encoded(),
      mediaType: .ociIndex)
    #expect(
      try shelf.store().resolve(index, platform: nil).descriptor.digest == shelf.image.descriptor.digest)
  }

  @Test("An entry that cannot be read is kept as it stands, with what it names")
  func unread() throws {
    let shelf = try Shelf()
    let blob = try shelf.store().put(Array("of a manifest with another digest".utf8), mediaType: "text/plain")
    let hex = String(repeating: "0123456789abcdef", count: 8)
    let odd =
      #"{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha512:\#(hex)","size":9,"data":"e30="}"#
    let nothing = #"{"of":"another time"}"#
    try shelf.list(odd, nothing)
    try run(["mkdir", shelf.scratch.name("store/blobs/sha512")])
    try shelf.scratch.write("manifest", Array(#"{"layers":[\#(shelf.entry(blob))]}"#.utf8))
    try shelf.scratch.move(
      shelf.scratch.name("manifest"), shelf.scratch.name("store/blobs/sha512/" + hex))

    #expect(try shelf.names() == ["app:1"])
    #expect(try shelf.store().readIndex().unread.map(\.digest) == ["sha512:" + hex, nil])
    #expect(try shelf.store().collectGarbage().digests == [])
    try shelf.store().tag(reference("more:1"), shelf.image.descriptor)
    #expect(text(try shelf.scratch.read("store/index.json")).hasSuffix("\(odd),\(nothing)]}"))
  }

  @Test("What another tool calls an image is not lost when it gets a name, or loses one")
  func labels() throws {
    let shelf = try Shelf()
    let other = try TinyImage(in: shelf.store(), files: ["other"])
    try shelf.list(
      shelf.entry(other.descriptor, Self.name("v1")), shelf.entry(shelf.image.descriptor, Self.name("v2")))
    #expect(try shelf.names() == ["app:1", "<none>:v1", "<none>:v2"])
    try shelf.store().tag(reference("other:1"), other.descriptor)
    #expect(try shelf.names() == ["app:1", "other:1", "<none>:v1", "<none>:v2"])
    _ = try shelf.store().untag(reference("other:1"))
    #expect(try shelf.names() == ["app:1", "<none>:v1", "<none>:v2"])
    #expect(try shelf.store().collectGarbage(removingNameless: true).digests == [])
    try shelf.store().untag(label: "v1")
    #expect(try shelf.names() == ["app:1", "<none>:v2"])
  }

  @Test("Of two entries with one name the later counts: another tool has put it there")
  func moved() throws {
    let shelf = try Shelf()
    let other = try TinyImage(in: shelf.store(), files: ["other"])
    try shelf.list(shelf.entry(other.descriptor, Self.name("app:1")))
    for _ in 0..<2 {
      #expect(try shelf.store().descriptor(of: reference("app:1"))?.digest == other.descriptor.digest)
      #expect(try shelf.names() == ["app:1", "<none>"])
      // Written once more, the order is another one.
      try shelf.store().add(other.descriptor, names: [])
      try shelf.store().tag(reference("z:1"), other.descriptor)
      _ = try shelf.store().untag(reference("z:1"))
    }
  }

  @Test("An entry whose two annotations disagree has the name that the other tool has given")
  func inherited() throws {
    let shelf = try Shelf()
    let made = try TinyImage(in: shelf.store(), files: ["made of app"])
    func both(_ reference: String) -> String {
      #","annotations":{"\#(AnnotationKey.containerdImageName)":"docker.io/library/app:1","\#(AnnotationKey.referenceName)":"\#(reference)"}"#
    }
    try shelf.list(shelf.entry(made.descriptor, both("made")), shelf.entry(made.descriptor, both("made:2")))
    #expect(try shelf.names() == ["app:1", "made:2", "<none>:made"])
    #expect(try shelf.store().descriptor(of: reference("app:1"))?.digest == shelf.image.descriptor.digest)
  }

  @Test("Names stand in full, so that a tag alone stands for none; those of before are written anew")
  func fullNames() throws {
    let shelf = try Shelf()
    let old = try TinyImage(in: shelf.store(), files: ["old"])
    try shelf.list(
      shelf.entry(
        old.descriptor,
        #","annotations":{"\#(AnnotationKey.containerdImageName)":"example.org/old:1","\#(AnnotationKey.referenceName)":"1"}"#
      ))
    #expect(try shelf.names() == ["app:1", "example.org/old:1"])
    try shelf.store().tag(reference("new:1"), old.descriptor)
    let references = try shelf.store().readIndex().manifests.map {
      $0.annotations[AnnotationKey.referenceName]
    }
    #expect(references == ["app:1", "new:1", "example.org/old:1"])
    // What skopeo takes for no reference stays a tag.
    for (name, written) in [
      ("[::1]:5000/app:odd", "odd"), ("a__b:odd", "odd"), ("a---b:odd", "odd"),
      ("a-b/c--d_e:1.x_y", "a-b/c--d_e:1.x_y"),
      ("127.0.0.1:5000/a/b:1", "127.0.0.1:5000/a/b:1"), ("a:_", "_"),
    ] {
      #expect(try ReferenceStyle.full.text(reference(name)) == written)
      #expect(try ReferenceStyle.tag.text(reference(name)) == reference(name).tag)
    }
  }

  @Test(
    "A signature that another tool has put there is known by its subject, or by its tag, without a word of ours"
  )
  func signatures() throws {
    let shelf = try Shelf()
    let image = shelf.image.descriptor
    let signature = try shelf.artifact("signature", subject: image)
    let tagged = try shelf.artifact("of cosign")
    let tag = "sha256-\(image.digest.hex).sig"
    try shelf.list(shelf.entry(signature), shelf.entry(tagged, Self.name(tag)))
    let found = try shelf.store().referrers(to: [image.digest])
    #expect(Set(found.map(\.descriptor.digest)) == [signature.digest, tagged.digest])
    #expect(found.compactMap(\.tag) == [tag])
    try shelf.store().add(found)
    #expect(try shelf.store().referrers(to: [image.digest]) == found, "listed twice, it is still one")
  }

  @Test("A document that is damaged stops the collection, and hides no image")
  func damaged() throws {
    let shelf = try Shelf()
    let broken = try shelf.entry("{", type: "application/vnd.oci.image.manifest.v1+json")
    try shelf.list(broken.text)
    #expect(try shelf.names() == ["app:1", "<none>"])
    #expect(throws: StoreError.self) { try shelf.store().collectGarbage() }
    #expect(try shelf.store().contains(broken.digest))
  }
}
