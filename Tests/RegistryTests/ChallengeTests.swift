import Testing

@testable import Registry

@Suite("What a registry asks for")
struct ChallengeTests {
  @Test("A bearer challenge has a realm, a service and a scope")
  func bearer() {
    let header =
      #"Bearer realm="https://auth.test/token",service="registry.test",scope="repository:a/b:pull,push""#
    let found = AuthChallenge.parse(header)
    #expect(found.count == 1)
    #expect(found[0].scheme == "bearer")
    #expect(found[0]["realm"] == "https://auth.test/token")
    #expect(found[0]["service"] == "registry.test")
    #expect(found[0]["scope"] == "repository:a/b:pull,push")
  }

  @Test("One header may have several challenges, quotes escapes, and blanks anywhere")
  func several() {
    let found = AuthChallenge.parse(#"Negotiate, Basic realm = "a \"b\", c" , charset=UTF-8, Bearer realm=x"#)
    #expect(found.map(\.scheme) == ["negotiate", "basic", "bearer"])
    #expect(found[1]["realm"] == #"a "b", c"#)
    #expect(found[1]["charset"] == "UTF-8")
    #expect(found[2]["realm"] == "x")
  }

  @Test(
    "What is malformed is no challenge, and takes nothing with it",
    arguments: ["", ",,", "Bearer realm=\"x", "\"x\""])
  func malformed(_ header: String) {
    #expect(AuthChallenge.parse(header).allSatisfy { $0["realm"] == nil })
  }
}

@Suite("Addresses")
struct HTTPURLTests {
  @Test(
    "A location may be absolute, or count from host or folder",
    arguments: [
      ("https://b.test/x", "https://b.test/x"), ("//b.test:5/x", "https://b.test:5/x"),
      ("/x?y", "https://a.test:1/x?y"),
      ("z", "https://a.test:1/v2/z"), ("?q=1", "https://a.test:1/v2/a?q=1"),
      ("HTTP://B.test", "http://b.test/"),
      ("https://user:word@b.test/x#f", "https://b.test/x"),
    ])
  func resolving(_ location: String, _ wanted: String) throws {
    let base = try #require(HTTPURL(parsing: "https://a.test:1/v2/a?b=c"))
    #expect(base.resolving(location)?.description == wanted)
  }

  @Test(
    "Other schemes, blanks and ports that are none are no addresses",
    arguments: [
      "ftp://a/", "file:///etc/passwd", "https://", "https://a:b/", "https://a/ b", "https://a/\r\nX: y",
      "a.test/x",
    ])
  func refused(_ text: String) { #expect(HTTPURL(parsing: text) == nil) }

  @Test(
    "Only https and this machine are confidential",
    arguments: [
      ("https://a.test/", true), ("http://a.test/", false), ("http://localhost:5/", true),
      ("http://127.8.9.1/", true),
      ("http://[::1]:5000/", true), ("http://127.0.0.1.test/", false), ("http://localhost.test/", false),
      ("http://128.0.0.1/", false),
    ])
  func confidential(_ text: String, _ wanted: Bool) throws {
    #expect(try #require(HTTPURL(parsing: text)).isConfidential == wanted)
  }

  @Test("A server is scheme, host and port")
  func origins() throws {
    let url = try #require(HTTPURL(parsing: "https://a.test/"))
    for (other, wanted) in [
      ("https://A.test:443/x", true), ("http://a.test/", false), ("https://a.test:444/", false),
      ("https://b.test/", false),
    ] {
      #expect(try url.isSameOrigin(as: #require(HTTPURL(parsing: other))) == wanted, "\(other)")
    }
  }

  @Test("Queries are encoded and added")
  func query() throws {
    let url = try #require(HTTPURL(parsing: "https://a.test/u?_state=x"))
    #expect(url.adding("digest", "sha256:a&b").target == "/u?_state=x&digest=sha256%3Aa%26b")
  }
}

@Suite("Base64")
struct Base64Tests {
  @Test("Goes both ways", arguments: ["", "f", "fo", "foo", "foob", "fooba", "foobar"])
  func roundTrip(_ text: String) {
    #expect(Base64.decode(Base64.encode(Array(text.utf8))) == Array(text.utf8))
  }

  @Test("The vectors of RFC 4648")
  func vectors() {
    #expect(
      Base64.encode(Array("fooba".utf8)) == "Zm9vYmE=" && Base64.encode(Array("foobar".utf8)) == "Zm9vYmFy")
    #expect(Base64.decode("Zm9v\nYg==\n") == Array("foob".utf8))
    #expect(Base64.decode("Zm9vYg") == Array("foob".utf8))
    #expect(Base64.decode("Zm9v!") == nil && Base64.decode("Z") == nil && Base64.decode("Zg==Zg") == nil)
  }
}
