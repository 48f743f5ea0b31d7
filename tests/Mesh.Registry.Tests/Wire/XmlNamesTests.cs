using CsCheck;
using Mesh.Registry.Wire;

namespace Mesh.Registry.Tests.Wire;

public sealed class XmlNamesTests
{
    [Fact]
    public void Decode_of_what_was_encoded_is_the_same_and_the_name_is_one() => Gen.String.Where(static text => WireText.IsClean(text))
        .Check(static text =>
    {
        var name = XmlNames.Encode(text);
        System.Xml.XmlConvert.VerifyNCName(name);
        Assert.Equal(text, XmlNames.Decode(name));
    });

    [Theory]
    [InlineData("a_b", "a__b")]
    [InlineData("$x", "_-x")]
    [InlineData("a b", "a_.0020b")]
    [InlineData("zone", "zone")]
    public void Encode_is_that_of_real_servers(string text, string name) => Assert.Equal(name, XmlNames.Encode(text));
}
