import JSONText
import OCIModel
import Testing

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

private let badManifestCases: [(String, DocumentError)] = [
  (#"{"schemaVersion":1}"#, DocumentError.invalidValue(path: "schemaVersion", value: "1")),
  (#"{"schemaVersion":2}"#, .missing(path: "config")),
  (#"{}"#, .missing(path: "schemaVersion")),
  (#"[]"#, .wrongType(path: "", expected: "object", found: "array")),
  (
    #"{"schemaVersion":2,"config":{"digest":"sha256:0","size":1}}"#,
    .invalidDigest(path: "config.digest", .wrongLength(1, "sha256:0"))
  ),
  (
    #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json"}"#,
    .invalidValue(path: "mediaType", value: "application/vnd.oci.image.index.v1+json")
  ),
  (
    #"{"schemaVersion":2,"config":{"digest":"sha256:\#(String(repeating: "0", count: 64))","size":-1}}"#,
    .invalidValue(path: "config.size", value: "-1")
  ),
  (
    #"{"schemaVersion":2,"config":{"digest":"sha256:\#(String(repeating: "0", count: 64))","size":4398046511105}}"#,
    .invalidValue(path: "config.size", value: "4398046511105")
  ),
]

@Suite("Image documents")
struct DocumentTests {
  @Test("I03, I06: a configuration keeps what is unknown and is written in the order of the specification")
  func configRoundTrip() throws {
    let digest = "sha256:" + String(repeating: "1", count: 64)
    let config = try ImageConfig(
      decoding: bytes(
        """
        {"os":"linux","architecture":"arm64","variant":"v8","docker_version":"1.2","history":[
          {"created":"2024-01-02T03:04:05Z","created_by":"/bin/sh -c #(nop) ADD a<b","x":1},
          {"comment":"c","empty_layer":true,"author":"me"}],
         "config":{"Hostname":"h","Env":["B=1","A=2"],"Cmd":["sh"],"Entrypoint":null,"Labels":{"z":"&","a":"b"},
           "Volumes":{"/v":{},"/a":{}},"ExposedPorts":{"80/tcp":{}},"OnBuild":[],"WorkingDir":"","User":"u",
           "Healthcheck":{"Test":["CMD","x"],"Interval":1000000000},"Shell":["/bin/bash","-c"],"StopTimeout":7},
         "rootfs":{"type":"layers","diff_ids":["\(digest)"]},"weird":{"deep":[1.5,null,true]}}
        """))
    #expect(config.platform == Platform(os: "linux", architecture: "arm64", variant: "v8"))
    #expect(config.config.environment == ["B=1", "A=2"])
    #expect(config.config.entrypoint == nil)
    #expect(config.config.workingDirectory == nil)
    #expect(config.history.map(\.emptyLayer) == [false, true])
    let written = config.encoded()
    #expect(
      text(written)
        == #"{"architecture":"arm64","os":"linux","variant":"v8","config":{"User":"u","ExposedPorts":{"80/tcp":{}},"#
        + #""Env":["B=1","A=2"],"Cmd":["sh"],"Volumes":{"/a":{},"/v":{}},"Labels":{"a":"b","z":"\u0026"},"#
        + #""Healthcheck":{"Test":["CMD","x"],"Interval":1000000000},"StopTimeout":7,"Shell":["/bin/bash","-c"],"#
        + #""Hostname":"h"},"rootfs":{"type":"layers","diff_ids":[""# + digest + #""]},"history":["#
        + #"{"created":"2024-01-02T03:04:05Z","created_by":"/bin/sh -c #(nop) ADD a\u003cb","x":1},"#
        + #"{"author":"me","comment":"c","empty_layer":true}],"docker_version":"1.2","weird":{"deep":[1.5,null,true]}}"#
    )
    #expect(try ImageConfig(decoding: written) == config)
    #expect(try ImageConfig(decoding: written).encoded() == written)
  }

  @Test("I05: a manifest writes an array of layers even when there is none")
  func manifest() throws {
    let config = Descriptor(of: bytes("{}"), mediaType: .ociConfig)
    let manifest = ImageManifest(config: config, layers: [], annotations: ["b": "2", "a": "1"])
    let digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    #expect(
      text(manifest.encoded())
        == #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"#
        + #""application/vnd.oci.image.config.v1+json","digest":"sha256:"# + digest
        + #"","size":2},"layers":[],"annotations":{"a":"1","b":"2"}}"#)
    #expect(try ImageManifest(decoding: manifest.encoded()) == manifest)
    let null = text(manifest.encoded()).replacingFirst("[]", with: "null")
    #expect(try ImageManifest(decoding: bytes(null)) == manifest)
  }

  @Test("an index keeps platforms, annotations and urls")
  func index() throws {
    let descriptor = Descriptor(
      mediaType: .ociManifest, digest: Digest(of: []), size: 0, urls: ["u"], annotations: ["k": "v"],
      platform: Platform(os: "linux", architecture: "arm", variant: "v7", osVersion: "1", osFeatures: ["f"]))
    let index = ImageIndex(manifests: [descriptor])
    #expect(try ImageIndex(decoding: index.encoded()) == index)
    #expect(try ImageIndex(decoding: index.encoded(style: .pretty)) == index)
  }

  @Test(
    "a bad document says where and what",
    arguments: badManifestCases)
  func badManifest(document: String, error: DocumentError) {
    #expect(throws: error) { try ImageManifest(decoding: bytes(document)) }
  }

  @Test("a wrong type deep inside is named by its path")
  func path() {
    #expect(throws: DocumentError.wrongType(path: "config.Env[1]", expected: "string", found: "number")) {
      try ImageConfig(decoding: bytes(#"{"config":{"Env":["A=1",2]}}"#))
    }
  }
}

@Suite("Reading JSON from outside")
struct JSONReaderTests {
  @Test("order, numbers and text survive")
  func values() throws {
    let value = try JSONReader.read(bytes(#"{"b":[1,-2.5,true,null,"\u0000é"],"a":{}}"#), limit: 100)
    #expect(value == ["b": [1, .number("-2.5"), true, nil, "\0é"], "a": .object([])])
  }

  @Test("a syntax error has its line and column")
  func syntax() {
    #expect {
      try JSONReader.read(bytes("{\n  \"a\": 1,\n  x\n}"), limit: 100)
    } throws: { error in
      guard case DocumentError.syntax(let line, _, let message) = error else { return false }
      return line == 3 && message.contains("'x'")
    }
  }

  @Test(
    "what is ambiguous or too much is refused",
    arguments: [#"{"a":1,"a":2}"#, #"{"a":1} x"#, "", #"{"a":"\#u{1}"}"#, "{\"a\":99999999999999999999}"])
  func refused(document: String) {
    #expect(throws: DocumentError.self) { try JSONReader.read(bytes(document), limit: 100) }
  }

  @Test("size and depth are bounded")
  func bounds() {
    #expect(throws: DocumentError.tooLarge(limit: 2)) { try JSONReader.read(bytes("[ ]"), limit: 2) }
    let deep = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
    #expect(throws: DocumentError.tooDeep(limit: 64)) { try JSONReader.read(bytes(deep), limit: 1000) }
    let deeper = String(repeating: "[", count: 100_000)
    #expect(throws: DocumentError.self) { try JSONReader.read(bytes(deeper), limit: 1 << 20) }
  }

  @Test("text that is not UTF-8 is refused")
  func encoding() {
    #expect(throws: DocumentError.self) { try JSONReader.read([0x5B, 0x22, 0xFF, 0x22, 0x5D], limit: 10) }
  }
}

extension String {
  fileprivate func replacingFirst(_ old: String, with new: String) -> String {
    guard let range = firstRange(of: old) else { return self }
    return String(self[..<range.lowerBound]) + new + String(self[range.upperBound...])
  }

  private func firstRange(of other: String) -> Range<Index>? {
    indices.lazy.compactMap { start in
      self[start...].hasPrefix(other) ? start..<self.index(start, offsetBy: other.count) : nil
    }.first
  }
}
