/// Bounds for an archive that somebody else made.
package struct LoadLimits: Sendable {
  /// Bytes of all members together, uncompressed where the whole archive is compressed.
  package var totalSize: Int64 = 256 << 30
  /// Bytes of one layer, uncompressed.
  package var layerSize: Int64 = 128 << 30
  /// Members of the archive, of any kind.
  package var memberCount = 200_000

  package init() {}
}
