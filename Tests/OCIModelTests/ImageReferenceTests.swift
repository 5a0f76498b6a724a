import OCIModel
import Testing

private let hex = String(repeating: "0123456789abcdef", count: 4)
private let sha512 = "sha512:" + hex
private let longTag = String(repeating: "t", count: 129)
private let longName = String(repeating: "a", count: 250)

private let formsCases: [(String, String, String)] = [
  ("alpine", "docker.io/library/alpine:latest", "alpine:latest"),
  ("alpine:3.20", "docker.io/library/alpine:3.20", "alpine:3.20"),
  ("library/alpine", "docker.io/library/alpine:latest", "alpine:latest"),
  ("index.docker.io/library/alpine", "docker.io/library/alpine:latest", "alpine:latest"),
  ("index.docker.io/alpine", "docker.io/library/alpine:latest", "alpine:latest"),
  ("user/app:v1", "docker.io/user/app:v1", "user/app:v1"),
  ("a/b/c", "docker.io/a/b/c:latest", "a/b/c:latest"),
  ("docker.io/library/a/b", "docker.io/library/a/b:latest", "library/a/b:latest"),
  ("localhost/app", "localhost/app:latest", "localhost/app:latest"),
  ("localhost:5000/app", "localhost:5000/app:latest", "localhost:5000/app:latest"),
  (
    "example.org/team/app:1.0-rc.1_x", "example.org/team/app:1.0-rc.1_x",
    "example.org/team/app:1.0-rc.1_x"
  ),
  ("HOST/app", "HOST/app:latest", "HOST/app:latest"),
  ("[fd00:1::2]:443/app", "[fd00:1::2]:443/app:latest", "[fd00:1::2]:443/app:latest"),
  ("a__b/c-d--e.f_g", "docker.io/a__b/c-d--e.f_g:latest", "a__b/c-d--e.f_g:latest"),
  ("app@sha256:" + hex, "docker.io/library/app@sha256:" + hex, "app@sha256:" + hex),
  ("h.x/app:1@sha256:" + hex, "h.x/app:1@sha256:" + hex, "h.x/app:1@sha256:" + hex),
]

private let errorsCases2: [(String, ImageReferenceError)] = [
  ("", ImageReferenceError.empty), (":tag", .emptyName), ("example.org/", .emptyName),
  ("Alpine", .upperCase("Alpine")), ("user/App:1", .upperCase("App")),
  ("a//b", .invalidPathComponent("")), ("-a", .invalidPathComponent("-a")),
  ("a-", .invalidPathComponent("a-")),
  ("a___b", .invalidPathComponent("a___b")), ("a..b", .invalidPathComponent("a..b")),
  ("a._b", .invalidPathComponent("a._b")), ("a b", .invalidPathComponent("a b")),
  ("../x", .invalidDomain("..")), ("-x.org/app", .invalidDomain("-x.org")),
  ("host:/app", .invalidDomain("host:")),
  ("host:x/app", .invalidDomain("host:x")), ("a:", .invalidTag("")), ("a:.b", .invalidTag(".b")),
  ("a:b c", .invalidTag("b c")),
  ("a:" + longTag, .invalidTag(longTag)),
  ("a@sha256:12", .invalidDigest(.wrongLength(2, "sha256:12"))),
  ("a@" + sha512, .invalidDigest(.unsupportedAlgorithm("sha512", sha512))),
  (hex, .looksLikeID(hex)), ("é/a", .invalidPathComponent("é")),
  (longName, .nameTooLong(268)),
]

private let errorsCases3: [(String, PlatformError)] = [
  ("", PlatformError.invalidComponent("", "")), ("linux/", .invalidComponent("", "linux/")),
  ("linux/a b", .invalidComponent("a b", "linux/a b")), ("potato", .unknown("potato")),
  ("linux/arm/v7/x", .tooManyComponents("linux/arm/v7/x")),
  ("windows()/amd64", .invalidComponent("windows()", "windows()/amd64")),
  ("windows/amd64(1)", .invalidComponent("amd64(1)", "windows/amd64(1)")),
]

@Suite("Image references")
struct ImageReferenceTests {
  @Test(
    "full and familiar form",
    arguments: formsCases)
  func forms(text: String, full: String, familiar: String) throws {
    let reference = try ImageReference(parsing: text)
    #expect(reference.fullName == full)
    #expect(reference.familiarName == familiar)
    #expect(try ImageReference(parsing: full) == reference)
    #expect(try ImageReference(parsing: familiar) == reference)
  }

  @Test(
    "an error names the part that is wrong",
    arguments: errorsCases2)
  func errors(text: String, error: ImageReferenceError) {
    #expect(throws: error) { try ImageReference(parsing: text) }
  }
}

@Suite("Platforms")
struct PlatformTests {
  @Test(
    "parsing normalises",
    arguments: [
      ("linux/amd64", "linux/amd64"), ("linux/x86_64", "linux/amd64"), ("linux/x86-64", "linux/amd64"),
      ("linux/amd64/v1", "linux/amd64"), ("linux/amd64/v2", "linux/amd64/v2"), ("Linux/ARM64", "linux/arm64"),
      ("linux/aarch64", "linux/arm64"), ("linux/arm64/v8", "linux/arm64"), ("linux/arm64/8", "linux/arm64"),
      ("linux/arm", "linux/arm/v7"), ("linux/armhf", "linux/arm/v7"), ("linux/armel", "linux/arm/v6"),
      ("linux/arm/6", "linux/arm/v6"), ("linux/i386", "linux/386"), ("aarch64", "linux/arm64"),
      ("macos/arm64", "darwin/arm64"), ("linux", "\(Platform.host)"),
      ("Windows(10.0.20348.1006)/x86_64", "windows(10.0.20348.1006)/amd64"),
    ])
  func parsing(text: String, expected: String) throws {
    #expect(try Platform(parsing: text).description == expected)
  }

  @Test(
    "what is no platform",
    arguments: errorsCases3)
  func errors(text: String, error: PlatformError) {
    #expect(throws: error) { try Platform(parsing: text) }
  }

  @Test(
    "a CPU accepts its ancestors, the nearest first",
    arguments: [
      ("linux/amd64", ["linux/amd64", "linux/386"]),
      ("linux/amd64/v3", ["linux/amd64/v3", "linux/amd64/v2", "linux/amd64", "linux/386"]),
      ("linux/arm/v7", ["linux/arm/v7", "linux/arm/v6", "linux/arm/v5"]),
      ("linux/arm64", ["linux/arm64", "linux/arm/v8", "linux/arm/v7", "linux/arm/v6", "linux/arm/v5"]),
      ("linux/s390x", ["linux/s390x"]),
      ("windows(10.0.1)/amd64", ["windows(10.0.1)/amd64", "windows(10.0.1)/386"]),
    ])
  func accepted(text: String, expected: [String]) throws {
    #expect(try Platform(parsing: text).accepted.map(\.description) == expected)
  }
}
