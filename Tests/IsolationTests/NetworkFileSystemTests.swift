import Testing

@testable import Isolation

@Suite("File systems where each look at a file is a call to somebody else")
struct NetworkFileSystemTests {
  @Test("those of other machines and processes, by their numbers (statfs(2))")
  func network() {
    let names = [0x6969, 0xFF53_4D42, 0x0102_1997, 0x6573_5546].map {
      MachineProbe.networkFileSystem(magic: $0)
    }
    #expect(names == ["nfs", "cifs", "9p", "fuse"])
  }

  @Test("not ext4, xfs, btrfs, tmpfs or an overlay") func local() {
    for magic: UInt32 in [0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994, 0x794C_7630] {
      #expect(MachineProbe.networkFileSystem(magic: magic) == nil)
    }
  }
}
