import FileTree
import Glibc
import TestSupport
import Testing

@testable import Isolation

extension Running {
  /// The attribute that records are kept in, as programs see it that look at all attributes: `cp -a`, `tar --xattrs`, `apk`.
  @Suite(
    "Lists of attributes", .enabled(if: Sandbox.isRoot, "needs root, to change roots"),
    .enabled(if: Processes.find("clang") != nil, "needs clang"))
  struct AttributeLists {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    /// For each file the length of its list, the names in it, whether a list without room for them is refused, and whether the
    /// record can be removed.
    private static let program = """
      #include <errno.h>
      #include <fcntl.h>
      #include <stdio.h>
      #include <string.h>
      #include <sys/xattr.h>
      int main(int count, char **names) {
        for (int i = 1; i < count; i++) {
          char list[256], small[3];
          memset(list, '#', sizeof list);
          int file = open(names[i], O_RDONLY);
          ssize_t length = listxattr(names[i], NULL, 0), filled = llistxattr(names[i], list, sizeof list);
          printf("%s %zd %zd %d ", names[i], length, filled, flistxattr(file, list, sizeof list) == filled);
          for (ssize_t at = 0; at < filled; at += strlen(list + at) + 1) printf("%s ", list + at);
          printf("%c ", filled < (ssize_t)sizeof list ? list[filled < 0 ? 0 : filled] : '-');
          errno = 0;
          if (listxattr(names[i], small, sizeof small) < 0) printf("%d ", errno == ERANGE);
          errno = 0;
          fremovexattr(file, "user.slipway.owner");
          printf("%d\\n", errno == ENODATA);
        }
        return 0;
      }
      """

    @Test("A record is in no list, and no process removes one", arguments: [true, false])
    func lists(isAlone: Bool) throws {
      try sandbox.write(Self.program, to: "list.c")
      let compiled = try Processes.run(
        "clang", ["-static", "-o", sandbox.root + "/list", sandbox.base + "/list.c"])
      try #require(compiled.status == 0, "\(compiled.errorText)")
      let folder = try Directory(opening: BytePath(sandbox.root))
      try folder.writeFile("tmp/b", [])
      try folder.setAttribute("tmp/b", ExtendedAttribute(name: bytes("user.mine"), value: [1]))
      var spec = sandbox.script(
        "cd /tmp && touch a c && mkdir d && chown 2000:2000 a b d && /list a b c d && stat -c '%u' a b d")
      spec.ledger = OwnerLedger()
      let ids = [IDRange(inside: 0, outside: 0, count: 1000)]
      let result = try outcome(spec, isAlone ? .single : .ranges(IDMapping(users: ids, groups: ids)))
      #expect(result.status == .exited(0), "\(result.error)")
      let want = "a 0 0 1 # 1\nb 10 10 1 user.mine # 1 1\nc 0 0 1 # 1\nd 0 0 1 # 1\n2000\n2000\n2000\n"
      #expect(result.output == want)
    }
  }
}
