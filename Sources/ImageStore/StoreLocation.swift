/// Where the store is: the first of these that is set and not empty.
///
/// 1. `option`: what `--root` says,
/// 2. `slipwayRoot`: the environment's `SLIPWAY_ROOT`,
/// 3. `slipway` in `dataHome`, the environment's `XDG_DATA_HOME`; a relative one does not count
///    (XDG Base Directory Specification),
/// 4. `.local/share/slipway` in `home`.
///
/// - Returns: nil if there is not even a home.
package func storeRoot(
  option: [UInt8]?, slipwayRoot: [UInt8]?, dataHome: [UInt8]?, home: [UInt8]?
) -> [UInt8]? {
  let slash = UInt8(ascii: "/")
  for path in [option, slipwayRoot] {
    if let path, !path.isEmpty { return path }
  }
  if let dataHome, dataHome.first == slash { return dataHome + Array("/slipway".utf8) }
  if let home, !home.isEmpty { return home + Array("/.local/share/slipway".utf8) }
  return nil
}
