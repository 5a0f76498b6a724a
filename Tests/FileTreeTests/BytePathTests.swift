import FileTree
import Testing
import TreeTestSupport

@Suite struct BytePathTests {
  @Test(
    "the shortest lexical form is that of Go's path.Clean",
    arguments: [
      ("", "."), (".", "."), ("a/b/../c", "a/c"), ("a//b/./", "a/b"), ("../a", "../a"), ("a/../..", ".."),
      ("/..", "/"), ("/a/../../b", "/b"), ("//", "/"), ("/", "/"), ("a/", "a"), ("../../x", "../../x"),
    ])
  func cleaned(path: String, expected: String) {
    #expect(BytePath(path).cleaned == BytePath(expected))
  }

  @Test(
    "C11, C31: a path is clamped at the root",
    arguments: [("../../../x", "x"), ("/sl/../k", "k"), ("", ""), ("/", ""), ("a/./b", "a/b"), ("..", "")])
  func clamped(path: String, expected: String) {
    #expect(BytePath(path).clampedToRoot == BytePath(expected))
  }

  @Test func partsOfAPath() {
    #expect(BytePath("a/b").parent == "a")
    #expect(BytePath("a").parent == "")
    #expect(BytePath("/a").parent == "/")
    #expect(BytePath("a/b").lastComponent.elementsEqual("b".utf8))
    #expect(BytePath("a/bc").isWithin("a") && !BytePath("ab").isWithin("a") && BytePath("a").isWithin(""))
    #expect(BytePath("").joining(BytePath("x")) == "x" && BytePath("a").joining(BytePath("x")) == "a/x")
    #expect(BytePath("a/b").isCanonical && !BytePath("a/../b").isCanonical && !BytePath("/a").isCanonical)
    #expect(!BytePath("a/").isCanonical && !BytePath("./a").isCanonical && BytePath("...").isCanonical)
  }

  @Test("two spellings of one letter are two names") func noNormalisation() {
    #expect(BytePath("\u{e9}") != BytePath("e\u{301}"))
  }

  @Test("L08: tree order puts what is in a folder before names that continue the folder's")
  func treeOrder() {
    let sorted: [BytePath] = ["a", "a/b", "a/b/c", "a/c", "a-b", "a.b", "ab", "b"]
    #expect(sorted.shuffled().sorted { $0.precedes($1) } == sorted)
  }
}
