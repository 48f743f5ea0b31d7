using System.Buffers;
using System.Text;
using System.Text.Json;
using Mesh.Client.Discovery;
using Mesh.Client.Eureka.Wire;

namespace Mesh.Client.Tests.Eureka.Wire;

/// <summary>The reader of answers against the runtime's: what one refuses the other refuses, and both read the same.</summary>
public sealed class EurekaJsonTests
{
    private static readonly string[] Texts =
    [
        """{"a":1,"b":-0,"c":-1.5e+10,"d":0.25E-3,"e":true,"f":false,"g":null,"h":"","i":{},"j":[],"k":[1,[2,{"l":3}],"m"]}""",
        """{"esc\u0061ped":"\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00","ü":"größer","":{"":{"":""}}}""",
        " { \"a\" :\t[ 1 ,\r\n 2 ] , \"b\" : { \"c\" : \"d\" } } \n",
        """{"half":"\ud800","pair":"\ude00\ud800","long":"0123456789012345678901234567890123456789\u0041012345678901234567890123456789"}""",
        """[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]""",
        """[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]""",
        "\"text\" ",
        "0",
        "-",
        "01",
        "",
        "1 2",
        "nul",
        "truefalse",
        """{"a":1,}""",
        """{,"a":1}""",
        "[1,]",
        """{"a" "b"}""",
        """{"a":1 "b":2}""",
        """{"a":"b\x"}""",
        """{"a":"b\u12g4"}""",
        "{\"a\":\"b\n\"}",
        """{"a":1/**/}""",
        """{"a":1}}""",
        """{"a":[1}""",
    ];

    private static readonly byte[][] Bits =
    [
        .. new[]
        {
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "\\u",
            "\\ud83d",
            "\\\"",
            "0",
            "-",
            ".",
            "e",
            "E+",
            "1",
            "true",
            "null",
            "/",
            " ",
            "\n",
            "ü",
        }.Select(Encoding.UTF8.GetBytes),
        [0],
        [0x1F],
        [0x7F],
        [0xFF],
        [0xC3],
    ];

    [Fact]
    public void Every_text_is_taken_or_refused_as_by_the_runtimes_reader()
    {
        foreach (var text in Texts)
        {
            Check(Encoding.UTF8.GetBytes(text), 1);
        }
    }

    [Fact]
    public void Mutated_texts_are_taken_or_refused_as_by_the_runtimes_reader()
    {
        var chance = new Random(20261123);
        byte[][] seeds =
        [
            .. Texts.Select(Encoding.UTF8.GetBytes),
            Captures.Bytes("apps-three"),
            Captures.Bytes("legacy-apps-three"),
            Captures.Bytes("delta-after-cancel"),
        ];
        var taken = 0;
        for (var i = 0; i < 12_000; i++)
        {
            var bytes = seeds[chance.Next(seeds.Length)].ToList();
            for (var changes = chance.Next(1, 4); changes > 0; changes--)
            {
                Mutate(bytes, chance);
            }

            taken += Check([.. bytes], chance.Next(1, 200)) ? 1 : 0;
        }

        Assert.InRange(taken, 1_000, 10_000);
    }

    private static void Mutate(List<byte> bytes, Random chance)
    {
        var at = chance.Next(bytes.Count + 1);
        switch (chance.Next(5))
        {
            case 0:
                bytes.InsertRange(at, Bits[chance.Next(Bits.Length)]);
                break;
            case 1:
                bytes.RemoveRange(at, Math.Min(chance.Next(1, 4), bytes.Count - at));
                break;
            case 2 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << chance.Next(8));
                break;
            case 3:
                bytes.InsertRange(chance.Next(bytes.Count + 1), bytes.GetRange(at, Math.Min(chance.Next(40), bytes.Count - at)));
                break;
            default:
                // White space where it belongs, or not.
                bytes.Insert(at, (byte)" \t\r\n"[chance.Next(4)]);
                break;
        }
    }

    private static bool Check(byte[] text, int pieces)
    {
        var skipped = IsTakenByTheRuntime(text);
        var read = skipped ? ByTheRuntime(text) : null;
        foreach (var body in new[] { new ReadOnlySequence<byte>(text), Pieces.Of(text, pieces) })
        {
            Assert.True(skipped == IsTaken(body), $"{(skipped ? "refused" : "taken")}: {Encoding.UTF8.GetString(text)}");
            Assert.Equal(read, Read(body));
        }

        return skipped;
    }

    private static bool IsTaken(ReadOnlySequence<byte> text)
    {
        try
        {
            var json = new EurekaJson(text);
            json.Skip();
            json.End();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsTakenByTheRuntime(byte[] text)
    {
        try
        {
            var json = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = RegistryLimits.Depth });
            while (json.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>What it says but for lists; null where it is refused.</summary>
    private static string? Read(ReadOnlySequence<byte> text)
    {
        try
        {
            var json = new EurekaJson(text);
            var said = new StringBuilder();
            Read(ref json, said);
            json.End();
            return said.ToString();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Read(ref EurekaJson json, StringBuilder said)
    {
        if (json.Next() != '{')
        {
            said.Append(json.TryReadText(out var text) ? Encoding.UTF8.GetString(text) : "-");
            return;
        }

        json.EnterObject();
        said.Append('{');
        while (json.NextProperty())
        {
            said.Append(Encoding.UTF8.GetString(json.NameText)).Append('=');
            Read(ref json, said);
            said.Append(';');
        }

        said.Append('}');
    }

    private static string? ByTheRuntime(byte[] text)
    {
        var json = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = RegistryLimits.Depth });
        var said = new StringBuilder();
        try
        {
            while (json.Read())
            {
                _ = json.TokenType switch
                {
                    JsonTokenType.StartObject => said.Append('{'),
                    JsonTokenType.EndObject => said.Append('}'),
                    JsonTokenType.PropertyName => said.Append(json.GetString()).Append('='),
                    JsonTokenType.String => said.Append(json.GetString()),
                    JsonTokenType.Number => said.Append(Encoding.ASCII.GetString(json.ValueSpan)),
                    JsonTokenType.True => said.Append("true"),
                    JsonTokenType.False => said.Append("false"),
                    _ => said.Append('-'),
                };
                if (json.TokenType == JsonTokenType.StartArray)
                {
                    json.Skip();
                }

                if (json.CurrentDepth > 0 && json.TokenType is not (JsonTokenType.StartObject or JsonTokenType.PropertyName))
                {
                    said.Append(';');
                }
            }

            return said.ToString();
        }
        catch (InvalidOperationException)
        {
            // Half a pair of surrogates, or no UTF-8.
            return null;
        }
    }
}
