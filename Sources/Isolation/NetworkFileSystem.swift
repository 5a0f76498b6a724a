import CIsolation

extension MachineProbe {
  /// File systems whose files are on another machine, or behind a process of this one; f_type of statfs(2).
  private static let networkNames: [UInt32: String] = [
    0x6969: "nfs", 0xFF53_4D42: "cifs", 0xFE53_4D42: "smb2", 0x517B: "smb", 0x0102_1997: "9p",
    0x6573_5546: "fuse",
    0x00C3_6400: "ceph", 0x0BD0_0BD0: "lustre", 0x6B41_4653: "afs", 0x5346_414F: "afs", 0x7375_7245: "coda",
    0x0501_3ACD: "beegfs", 0x1983_0326: "fhgfs", 0x4750_4653: "gpfs",
  ]

  /// The name of the file system of a folder, if to look at one of its files is a call to another machine or process.
  package static func networkFileSystem(of folder: [UInt8]) -> String? {
    let magic = unsafe withCString(folder) { unsafe isolation_filesystem_type($0) }
    return magic < 0 ? nil : networkFileSystem(magic: UInt32(truncatingIfNeeded: magic))
  }

  /// The same, by the number of a kind of file system.
  static func networkFileSystem(magic: UInt32) -> String? { networkNames[magic] }
}
