import FileTree
import Glibc
import Layers
import OCIModel
import TreeTestSupport

/// A tar archive written by hand, so that it can hold what no writer would write.
struct HandmadeTar {
  private(set) var bytes: [UInt8] = []

  /// Adds a ustar header and its content. `type` is the type flag.
  mutating func add(
    _ name: String, type: Character = "0", link: String = "", content: [UInt8] = [], mode: Int = 0o644,
    size: Int? = nil, device: (Int, Int) = (0, 0)
  ) {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: some Collection<UInt8>, _ offset: Int, _ width: Int) {
      for (index, byte) in text.prefix(width).enumerated() { header[offset + index] = byte }
    }
    func octal(_ value: Int, _ width: Int) -> [UInt8] {
      let digits = String(value, radix: 8)
      return Array((String(repeating: "0", count: max(0, width - 1 - digits.count)) + digits).utf8)
    }
    put(Array(name.utf8), 0, 100)
    put(octal(mode, 8), 100, 8)
    put(octal(0, 8), 108, 8)
    put(octal(0, 8), 116, 8)
    put(octal(size ?? content.count, 12), 124, 12)
    put(octal(0, 12), 136, 12)
    put([UInt8](repeating: 0x20, count: 8), 148, 8)
    put(String(type).utf8, 156, 1)
    put(Array(link.utf8), 157, 100)
    put([UInt8]("ustar\u{0}00"), 257, 8)
    put(octal(device.0, 8), 329, 8)
    put(octal(device.1, 8), 337, 8)
    let sum = header.reduce(0) { $0 + Int($1) }
    put(octal(sum, 7) + [0, 0x20], 148, 8)
    bytes += header + content
    bytes += [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }

  /// Adds a pax record for the member that follows.
  mutating func addPax(_ key: String, _ value: [UInt8]) {
    let rest = key.utf8.count + value.count + 3
    var length = rest + 1
    while String(length).count + rest != length { length = String(length).count + rest }
    add("pax", type: "x", content: [UInt8]("\(length) \(key)=") + value + [0x0a])
  }

  /// Changes one bit of what there is.
  mutating func flip(at offset: Int) { bytes[offset] ^= 1 }

  /// Takes away what is behind an offset.
  mutating func cut(to count: Int) { bytes.removeSubrange(count...) }

  var finished: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }
}

/// Writes a layer to memory.
func write(
  _ entries: [LayerEntry], codec: LayerCodec = .none, threads: Int = 1, latest: Int64? = nil
) throws -> (layer: WrittenLayer, blob: [UInt8]) {
  var sink = MemorySink()
  let writer = LayerWriter(codec: codec, threads: threads, latestModified: latest)
  let layer = try writer.write(entries, into: &sink)
  return (layer, sink.bytes)
}

/// Applies an archive to a tree, as an ordinary user would.
@discardableResult
func extract(
  _ archive: [UInt8], into tree: TemporaryTree, _ options: ExtractOptions = ExtractOptions(),
  owners: OwnershipTable? = OwnershipTable()
) throws -> (report: ExtractReport, owners: OwnershipTable?) {
  var extractor = Extractor(tree.shared, options: options, placement: Placement(owners: owners))
  let reader = try ArchiveReader(MemorySource(archive), compression: nil, limits: options.limits)
  let report = try extractor.apply(reader)
  return (report, extractor.placement.owners)
}

/// The members of an archive, as lines.
func listing(_ archive: [UInt8]) throws -> [String] {
  let reader = try ArchiveReader(MemorySource(archive), compression: nil)
  var lines: [String] = []
  while let member = try reader.next() {
    let kind =
      switch member.kind {
      case .directory: "d"
      case .file(let size): "f\(size)"
      case .symbolicLink(let target): "l\(target)"
      case .hardLink(let target): "h\(target)"
      case .fifo: "p"
      case .characterDevice(let device): "c\(device.major),\(device.minor)"
      case .blockDevice(let device): "b\(device.major),\(device.minor)"
      case .other(let mode): "?\(mode)"
      }
    lines.append("\(member.name) \(kind)")
  }
  return lines
}

/// Runs a program with a file as its only changing argument, and gives what it prints.
func run(_ command: String) -> (status: CInt, output: String) {
  guard let pipe = unsafe popen(command, "r") else { return (-1, "") }
  var output: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = unsafe fread(&buffer, 1, buffer.count, pipe)
    if count == 0 { break }
    output += buffer[..<count]
  }
  return unsafe (pclose(pipe), String(decoding: output, as: UTF8.self))
}

func isInstalled(_ program: String) -> Bool {
  run("command -v \(program) 2>/dev/null").status == 0
}

/// A small generator with a seed, so that a failing round can be run again (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
