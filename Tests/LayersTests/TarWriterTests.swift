import FileTree
import Glibc
import Testing
import TreeTestSupport

@testable import Layers

@Suite("Tar headers")
struct TarWriterTests {
  @Test("an error number that an earlier call left behind does not make a name fatal")
  func staleErrorNumber() throws {
    prepareArchiveLocale()
    let tar = try TarWriter()
    let member = LayerEntry(path: BytePath([0x63, 0xff, 0xfe]), kind: .fifo)
    // What any earlier call on this thread may leave: libarchive asks for it when a name is not UTF-8.
    errno = ENOMEM
    try tar.begin(member, modified: 0)
  }
}
