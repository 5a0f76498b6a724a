import DockerfileSyntax
import SourceText

extension Run {
  /// Whether what is written below a folder stays out of the layer, because a cache or a tmpfs is mounted there.
  ///
  /// hadolint asks whether the target has the folder's path in it. A mount at a folder above does the same, and counts
  /// where hadolint's verdict does not.
  ///
  /// - Parameter folder: an absolute path, or the end of one.
  func hasCacheMount(at folder: String, isStrict: Bool) -> Bool {
    mounts.contains { mount in
      guard let type = mount.value("type"), let target = mount.value("target", "dst", "destination") else {
        return false
      }
      guard type.elementsEqual("cache".utf8) || type.elementsEqual("tmpfs".utf8) else { return false }
      let path = String(decoding: target, as: UTF8.self)
      return path.holds(folder) || (!isStrict && folder.isBelow(path))
    }
  }
}

extension StringProtocol {
  /// Whether a path lies below a folder other than the root.
  func isBelow(_ folder: some StringProtocol) -> Bool {
    var base = Substring(String(folder)).utf8
    while base.last == 0x2F { base.removeLast() }
    // Cheap things first: most paths are not that long, or have no slash there.
    guard !base.isEmpty, utf8.dropFirst(base.count).first == 0x2F else { return false }
    return utf8.starts(with: base)
  }
}
