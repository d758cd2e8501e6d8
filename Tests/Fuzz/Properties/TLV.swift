import SmartCard

/// Objects that are read are written in at most as many bytes, and those are read as the same objects.
func judgeTLV(_ bytes: [UInt8]) {
  guard let objects = try? TLV.parse(bytes) else {
    require((try? TLV.parseOne(bytes)) == nil, "one object where there are none")
    return
  }
  let encoded = objects.flatMap(\.encoded)
  require(encoded.count <= bytes.count, "the shortest form is longer")
  require((try? TLV.parse(encoded)) == objects, "the written form is read as something else")
  require((try? TLV.parseOne(bytes)) == (objects.count == 1 ? objects.first : nil), "one object or several")
  for object in objects {
    require(TLV(object.tag, object.value).encoded == object.encoded, "two forms of one object")
    if let children = try? object.children() {
      require(TLV(object.tag, children).encoded.count <= object.encoded.count, "children are longer than their parent")
    }
    let named = objects.filter { $0.tag == object.tag }
    require(objects.value(of: object.tag) == (named.count == 1 ? object.value : nil), "a tag names two values")
  }
}
