using System.Buffers;
using Mesh.Client.Discovery;

namespace Mesh.Client.Eureka.Wire;

/// <summary>Reads a response body up to the bounds, so that a broken or hostile registry cannot fill the memory.</summary>
internal static class BoundedBody
{
    private const int FirstBytes = 16 * 1024;

    /// <summary>The largest array: a body of many megabytes lies in several, and all of them go back to the pool.</summary>
    private const int MaxBytes = 1024 * 1024;

    /// <summary>Reads the whole body and gives it to <paramref name="parse"/>. The result must not keep the memory.</summary>
    /// <exception cref="EurekaException">The body is longer than <see cref="RegistryLimits"/>
    /// allow; no more than that was read.</exception>
    public static async Task<T> ReadAsync<T>(
        HttpContent content, Func<ReadOnlySequence<byte>, T> parse, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength >= RegistryLimits.ReceivedBytes)
        {
            throw TooLong(RegistryLimits.ReceivedBytes, string.Empty);
        }

        List<byte[]> buffers = [];
        try
        {
            var body = await ReceivedBody.OpenAsync(content, cancellationToken).ConfigureAwait(false);
            await using var received = body.ConfigureAwait(false);
            var limit = body.IsPacked ? RegistryLimits.BodyBytes : RegistryLimits.ReceivedBytes;
            var length = 0;
            Segment? first = null;
            Segment? last = null;
            while (true)
            {
                var buffer = ArrayPool<byte>.Shared.Rent(buffers.Count == 0 ? FirstBytes : Math.Min(MaxBytes, buffers[^1].Length * 2));
                buffers.Add(buffer);
                var room = buffer.AsMemory(0, Math.Min(buffer.Length, limit - length));
                var read = await body.Stream.ReadAtLeastAsync(
                    room, room.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
                length += read;
                Check(body, length, limit);

                last = new Segment(buffer.AsMemory(0, read), last);
                first ??= last;
                if (read < room.Length)
                {
                    return parse(new ReadOnlySequence<byte>(first, 0, last, read));
                }
            }
        }
        finally
        {
            buffers.ForEach(static buffer => ArrayPool<byte>.Shared.Return(buffer));
        }
    }

    private static void Check(ReceivedBody body, int length, int limit)
    {
        if (length >= limit)
        {
            throw TooLong(limit, body.IsPacked ? " when unpacked" : "; with gzip it may have more");
        }

        // A small compressed body must not be able to fill the memory.
        if (length > RegistryLimits.ReceivedBytes && length > body.Received * RegistryLimits.Ratio)
        {
            throw new EurekaException($"its answer unpacks to more than {RegistryLimits.Ratio} times its size, which no list of instances "
                + "does, and was not read");
        }
    }

    private static EurekaException TooLong(int limit, string addition) =>
        new($"its answer has {limit / (1024 * 1024)} MiB or more{addition}, and was not read; Mesh:Discovery:Eureka:Apps or Vips asks for "
            + "a part of it");

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? before)
        {
            Memory = memory;
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }
    }
}
