import DockerfileSyntax

/// The names of the stages so far.
///
/// hadolint compares them as they are written, BuildKit in small letters.
struct StageNames {
  private let isStrict: Bool
  private var numbers: [[UInt8]: Int] = [:]
  /// How many stages there have been.
  private(set) var count = 0

  init(isStrict: Bool) {
    self.isStrict = isStrict
  }

  private func key(_ name: some Collection<UInt8>) -> [UInt8] {
    isStrict ? Array(name) : name.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
  }

  /// Takes a stage; its number is the count before.
  mutating func add(_ from: From) {
    if let name = from.name { numbers[key(name.bytes)] = count }
    count += 1
  }

  /// The number of the last stage of a name.
  func number(of name: some Collection<UInt8>) -> Int? { numbers.isEmpty ? nil : numbers[key(name)] }

  /// The number of the stage that an image of FROM is.
  func parent(_ image: Word) -> Int? {
    number(of: isStrict ? ImageName(image.bytes, isStrict: true).name : image.bytes[...])
  }

  /// All names, sorted.
  var all: [String] { numbers.keys.map { String(decoding: $0, as: UTF8.self) }.sorted() }
}
