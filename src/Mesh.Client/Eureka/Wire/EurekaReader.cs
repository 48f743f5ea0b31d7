using System.Buffers;
using System.Text.Json;
using Mesh.Client.Discovery;

namespace Mesh.Client.Eureka.Wire;

/// <summary>Reads a registry's list of applications in every JSON form that servers in use send, in one pass and without building a
/// tree.</summary>
/// <remarks>
/// Current servers write arrays, numbers for ports and strings for flags; old ones (XStream codec) write a lone object for a list of one,
/// strings for ports and booleans for flags. The structure as a whole must be right, or the answer is refused; a single odd field only
/// makes its instance unusable.
/// </remarks>
internal static class EurekaReader
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    public static EurekaApplications Read(ReadOnlyMemory<byte> utf8) => Read(new ReadOnlySequence<byte>(utf8), new ReaderMemory());

    /// <exception cref="JsonException">The text is not JSON, or not a list of applications.</exception>
    public static EurekaApplications Read(in ReadOnlySequence<byte> utf8, ReaderMemory memory)
    {
        var json = Open(utf8, "applications"u8);
        var instances = new List<EurekaInstance>();
        List<string>? empty = null;
        string? hash = null;
        var (hasHash, listed) = (false, false);
        while (json.NextProperty())
        {
            if (json.Name.SequenceEqual("apps__hashcode"u8))
            {
                json.Once(ref hasHash);
                hash = memory.Instances.ReadString(ref json);
            }
            else if (json.Name.SequenceEqual("application"u8))
            {
                json.Once(ref listed);
                ReadApplications(ref json, instances, ref empty, memory);
            }
            else
            {
                json.Skip();
            }
        }

        Close(ref json, "applications"u8);
        return listed || hash is not null
            ? new EurekaApplications(hash, instances) { Empty = empty ?? [] }
            // An error object of a gateway must not pass for an empty registry.
            : throw new JsonException("neither 'application' nor 'apps__hashcode'");
    }

    /// <summary>The answer about one application.</summary>
    /// <exception cref="JsonException">The text is not JSON, or not an application.</exception>
    public static EurekaApplications ReadApplication(in ReadOnlySequence<byte> utf8, ReaderMemory memory)
    {
        var json = Open(utf8, "application"u8);
        var instances = new List<EurekaInstance>();

        // A real application has at least one instance: the registry does not list one without.
        if (!ReadApplication(ref json, instances, memory, out _))
        {
            throw new JsonException("no 'instance'");
        }

        Close(ref json, "application"u8);
        return new EurekaApplications(Hash: null, instances);
    }

    /// <summary>The answer about one instance.</summary>
    /// <exception cref="JsonException">The text is not JSON, or not an instance.</exception>
    public static EurekaInstance ReadInstance(in ReadOnlySequence<byte> utf8, ReaderMemory memory)
    {
        var json = Open(utf8, "instance"u8);
        var instance = memory.Instances.Read(ref json, application: null);
        Close(ref json, "instance"u8);
        return instance;
    }

    /// <summary>Goes into the object that the whole text consists of.</summary>
    private static EurekaJson Open(in ReadOnlySequence<byte> utf8, ReadOnlySpan<byte> name)
    {
        // Not part of JSON, but some gateways put it in front.
        var json = new EurekaJson(utf8.FirstSpan.StartsWith(ByteOrderMark) ? utf8.Slice(ByteOrderMark.Length) : utf8);
        if (json.Next() == '{')
        {
            json.EnterObject();
            while (json.NextProperty())
            {
                if (!json.Name.SequenceEqual(name))
                {
                    json.Skip();
                }
                else if (json.Next() == '{')
                {
                    json.EnterObject();
                    return json;
                }
                else
                {
                    break;
                }
            }
        }

        throw new JsonException($"no object '{System.Text.Encoding.ASCII.GetString(name)}'");
    }

    /// <summary>Reads the rest, so that a truncated text is refused.</summary>
    private static void Close(ref EurekaJson json, ReadOnlySpan<byte> name)
    {
        while (json.NextProperty())
        {
            if (json.Name.SequenceEqual(name))
            {
                throw json.Twice();
            }

            json.Skip();
        }

        json.End();
    }

    private static void ReadApplications(ref EurekaJson json, List<EurekaInstance> instances, ref List<string>? empty, ReaderMemory memory)
    {
        var count = 0;
        for (var more = json.FirstMember("application", out var isList); more; more = isList && json.NextMember("application"))
        {
            if (++count > RegistryLimits.Applications)
            {
                throw new JsonException($"more than {RegistryLimits.Applications} applications");
            }

            json.EnterObject();
            var before = instances.Count;
            ReadApplication(ref json, instances, memory, out var name);
            if (instances.Count == before && name is not null)
            {
                // A service without instances: its name must not go to DNS.
                (empty ??= []).Add(name.ToUpperInvariant());
            }
        }
    }

    /// <returns>Whether it lists instances, even none.</returns>
    private static bool ReadApplication(ref EurekaJson json, List<EurekaInstance> instances, ReaderMemory memory, out string? name)
    {
        name = null;
        var (named, listed) = (false, false);
        while (json.NextProperty())
        {
            if (json.Name.SequenceEqual("name"u8))
            {
                json.Once(ref named);
                name = memory.Instances.ReadString(ref json);
            }
            else if (json.Name.SequenceEqual("instance"u8))
            {
                json.Once(ref listed);
                name ??= named ? null : NameAhead(json, memory);
                ReadInstances(ref json, name, instances, memory);
            }
            else
            {
                json.Skip();
            }
        }

        return listed;
    }

    /// <summary>The name of an application, if its instances precede the name; the reader itself does not move.</summary>
    private static string? NameAhead(EurekaJson json, ReaderMemory memory)
    {
        json.Skip();
        while (json.NextProperty())
        {
            if (json.Name.SequenceEqual("name"u8))
            {
                return memory.Instances.ReadString(ref json);
            }

            json.Skip();
        }

        return null;
    }

    private static void ReadInstances(ref EurekaJson json, string? application, List<EurekaInstance> instances, ReaderMemory memory)
    {
        for (var more = json.FirstMember("instance", out var isList); more; more = isList && json.NextMember("instance"))
        {
            if (instances.Count == RegistryLimits.Instances)
            {
                throw new JsonException($"more than {RegistryLimits.Instances} instances");
            }

            json.EnterObject();
            instances.Add(memory.Instances.Read(ref json, application));
        }
    }
}
