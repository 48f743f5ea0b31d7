using System.Buffers.Text;
using System.Text;

namespace Mesh.Client.Benchmarks.Propagation;

/// <summary>A signed token as issuers make them, of about 700 bytes. Nobody here checks the signature.</summary>
internal static class SampleToken
{
    public static string For(string audience)
    {
        var payload = $$"""
            {"iss":"https://login.example.com/","sub":"5f2c7c1e-31f4-4d3f-9a51-2d7d0e1c9a11","aud":["storefront","{{audience}}"],"exp":4102444800,
            "iat":1767225600,"jti":"0c1f4a3e-6f9d-4f64-8a0b-0f5f2f7f6f3d","scope":"openid profile orders.read","name":"Alice Example"}
            """;
        return $"{Encode("""{"alg":"RS256","kid":"2026-01","typ":"at+jwt"}"""u8)}.{Encode(Encoding.UTF8.GetBytes(payload))}.{Encode(new byte[256])}";
    }

    private static string Encode(ReadOnlySpan<byte> part) => Base64Url.EncodeToString(part);
}
