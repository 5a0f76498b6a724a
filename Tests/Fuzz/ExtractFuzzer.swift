// The libFuzzer target of the extraction of archives; run.sh builds and runs it.

import FileTree
import Glibc
import Layers

/// Where archives are unpacked: the folder `root`, beside `outside/kept`, which nothing may touch.
private struct Ground: Sendable {
  let folder: String
  let before: String

  init() {
    let parent = unsafe getenv("FUZZ_GROUND").map { unsafe String(cString: $0) } ?? "/dev/shm"
    folder = "\(parent)/slipway-fuzz-\(getpid())"
    for path in [folder, "\(folder)/outside", "\(folder)/root"] { _ = unsafe mkdir(path, 0o755) }
    let file = unsafe open("\(folder)/outside/kept", O_WRONLY | O_CREAT | O_CLOEXEC, 0o640)
    _ = unsafe write(file, "kept", 4)
    close(file)
    before = Ground.description(folder)
  }

  /// Everything that can be told of what lies beside the root.
  static func description(_ folder: String) -> String {
    var text = ""
    for path in ["", "/outside", "/outside/kept"] {
      var status = stat()
      guard unsafe lstat(folder + path, &status) == 0 else { return "\(path) is gone" }
      text += "\(path) \(status.st_mode) \(status.st_uid) \(status.st_gid) \(status.st_ino)"
      // The folder of the root changes with the root.
      if !path.isEmpty {
        text += " \(status.st_nlink) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
        text += " \(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)"
      }
      guard status.st_mode & S_IFMT == S_IFDIR, let stream = unsafe opendir(folder + path) else { continue }
      defer { unsafe closedir(stream) }
      var names: [String] = []
      while let entry = unsafe readdir(stream) {
        names.append(
          unsafe withUnsafeBytes(of: entry.pointee.d_name) {
            unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
          })
      }
      text += " \(names.sorted())\n"
    }
    return text
  }
}

private let ground = Ground()

/// Checks one input; any violation ends the process, and libFuzzer keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzExtraction(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let bytes = unsafe [UInt8](UnsafeBufferPointer(start: data, count: data == nil ? 0 : count))
  guard let first = bytes.first else { return 0 }
  let archive = first & 1 == 0 ? Program(bytes.dropFirst()).archive : withSums(Array(bytes.dropFirst()))
  var options = ExtractOptions()
  options.limits.totalBytes = 1 << 20
  options.limits.members = 1000
  options.whiteouts = first & 2 == 0 ? .apply : .reject
  if first & 4 != 0 { options.destination = "to/below" }
  do throws(FileError) {
    let folder = try Directory(opening: BytePath(ground.folder))
    let root = SharedDirectory(try folder.openDirectory("root"))
    var extractor = Extractor(root, options: options, placement: Placement(owners: OwnershipTable()))
    do throws(LayerError) {
      let reader = try ArchiveReader(MemorySource(archive), compression: nil, limits: options.limits)
      _ = try extractor.apply(reader)
    } catch {
      // Most inputs are no archives.
    }
    try folder.removeTree("root")
    try folder.makeDirectory("root", permissions: 0o755)
  } catch {
    fatalError("the root cannot be made anew: \(error)")
  }
  let after = Ground.description(ground.folder)
  if after != ground.before { fatalError("changed:\n\(ground.before)\n\(after)") }
  return 0
}

/// Gives every header the sum that it needs to be looked at.
private func withSums(_ archive: [UInt8]) -> [UInt8] {
  var archive = archive
  var start = 0
  while start + 512 <= archive.count {
    for index in 148..<156 { archive[start + index] = 0x20 }
    var sum = archive[start..<start + 512].reduce(0) { $0 + Int($1) }
    for index in (148..<154).reversed() {
      archive[start + index] = UInt8(0x30 + sum & 7)
      sum >>= 3
    }
    archive[start + 154] = 0
    let digits = archive[start + 124..<start + 135].filter { (0x30...0x37).contains($0) }
    let size = digits.reduce(0) { $0 << 3 | Int($1 & 7) }
    // Content of this size follows, in whole blocks; what claims more is followed by a header all the same.
    start += 512 + (size < 1 << 16 ? (size + 511) / 512 * 512 : 0)
  }
  return archive
}

/// An archive of members that six bytes each describe: what no writer writes, and every reader understands.
private struct Program {
  let archive: [UInt8]

  private static let parts: [[UInt8]] = [
    "a", "b", "c", "d", "..", ".", "", "outside", "kept", "root", ".wh.a", ".wh..wh..opq", ".wh.", ".wh...",
    "proc", "tmp",
  ].map { Array($0.utf8) }
  private static let types: [UInt8] = Array("0051223467ggxLKS".utf8)

  init(_ bytes: ArraySlice<UInt8>) {
    var archive: [UInt8] = []
    var rest = bytes
    while rest.count >= 6 {
      let member = Array(rest.prefix(6))
      rest = rest.dropFirst(6)
      let type = Self.types[Int(member[0] & 15)]
      var content = [UInt8](repeating: member[5], count: type == 0x30 ? Int(member[5] & 3) * 300 : 0)
      if type == UInt8(ascii: "x") || type == UInt8(ascii: "g") {
        content = Self.record(member[5] & 1 == 0 ? "path" : "linkpath", Self.path(member[1], member[2]))
      } else if type == UInt8(ascii: "L") || type == UInt8(ascii: "K") {
        content = Self.path(member[1], member[2]) + [0]
      }
      archive += Self.header(
        type, Self.path(member[1], member[2]), Self.path(member[3], member[4]), content.count, member[5])
      archive += content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }
    self.archive = archive + [UInt8](repeating: 0, count: 1024)
  }

  /// Up to four parts; sometimes from the root of the file system.
  private static func path(_ high: UInt8, _ low: UInt8) -> [UInt8] {
    let numbers = [high >> 4, high & 15, low >> 4, low & 15]
    let chosen = numbers.prefix(1 + Int(low & 3)).map { parts[Int($0)] }
    var path = Array(chosen.joined(separator: [0x2F]))
    if high & 0x88 == 0x88 { path.insert(0x2F, at: 0) }
    if high & 0xF0 == 0x70 { path = Array("\(ground.folder)/".utf8) + path }
    return path
  }

  private static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
    let rest = key.utf8.count + value.count + 3
    var length = rest + 1
    while String(length).count + rest != length { length = String(length).count + rest }
    return Array("\(length) \(key)=".utf8) + value + [0x0A]
  }

  private static func header(
    _ type: UInt8, _ name: [UInt8], _ link: [UInt8], _ size: Int, _ mode: UInt8
  ) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ bytes: some Collection<UInt8>, _ offset: Int, _ width: Int) {
      for (index, byte) in bytes.prefix(width).enumerated() { header[offset + index] = byte }
    }
    func octal(_ value: Int, _ width: Int) -> [UInt8] {
      let digits = String(value, radix: 8)
      return Array((String(repeating: "0", count: max(0, width - 1 - digits.count)) + digits).utf8)
    }
    put(name, 0, 100)
    put(octal(Int(mode) << 4 & 0o7777, 8), 100, 8)
    put(octal(0, 8), 108, 8)
    put(octal(0, 8), 116, 8)
    put(octal(size, 12), 124, 12)
    put(octal(0, 12), 136, 12)
    put([UInt8](repeating: 0x20, count: 8), 148, 8)
    header[156] = type
    put(link, 157, 100)
    put(Array("ustar\u{0}00".utf8), 257, 8)
    put(octal(Int(mode & 7), 8), 329, 8)
    put(octal(Int(mode >> 3), 8), 337, 8)
    let sum = header.reduce(0) { $0 + Int($1) }
    put(octal(sum, 7) + [0, 0x20], 148, 8)
    return header
  }
}
