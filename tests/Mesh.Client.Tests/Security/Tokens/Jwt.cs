using System.Buffers.Text;
using System.Text;

namespace Mesh.Client.Tests.Security.Tokens;

/// <summary>Tokens as an issuer writes them; the mesh does not check the signature.</summary>
internal static class Jwt
{
    public static string Create(DateTimeOffset expires, params string[] audiences) =>
        Create($$"""{"sub":"alice","exp":{{expires.ToUnixTimeSeconds()}},"aud":[{{string.Join(",", audiences.Select(audience => $"\"{audience}\""))}}]}""");

    public static string Create(string payload, string header = """{"alg":"RS256","typ":"at+jwt"}""") =>
        $"{Encode(header)}.{Encode(payload)}.{Encode("signature")}";

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
