/// The value of `security.capability` (capabilities(7), "File capability extended attribute versioning").
enum FileCapability {
  /// The value as a layer holds it: revision 2, which applies in any user namespace.
  ///
  /// A capability set inside a user namespace reads as revision 3 from outside, with the namespace's
  /// root id at its end; that id means nothing on another machine. Other values stay as they are.
  static func portable(_ value: [UInt8]) -> [UInt8] {
    // Little-endian: the revision is the highest byte of the first word.
    guard value.count == 24, value[3] == 3 else { return value }
    var result = Array(value[..<20])
    result[3] = 2
    return result
  }
}
