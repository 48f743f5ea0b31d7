using System.Buffers;

namespace Mesh.Client.Discovery.Eureka;

/// <summary>Reads a response body up to a bound, so that a broken or hostile registry cannot fill the memory.</summary>
internal static class BoundedBody
{
    private const int FirstBytes = 16 * 1024;

    /// <summary>No array is larger: a body of many megabytes lies in several, and all of them go back to the pool.</summary>
    private const int MostBytes = 1024 * 1024;

    /// <summary>Reads the whole body and gives it to <paramref name="parse"/>, whose result must not keep the memory.</summary>
    /// <exception cref="EurekaException">The body has <paramref name="limit"/> bytes or more, decompressed; no more than that was read.</exception>
    public static async Task<T> ReadAsync<T>(HttpContent content, int limit, Func<ReadOnlySequence<byte>, T> parse, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength >= limit)
        {
            throw TooLong(limit);
        }

        List<byte[]> buffers = [];
        try
        {
            var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var length = 0;
            Segment? first = null;
            Segment? last = null;
            while (true)
            {
                var buffer = ArrayPool<byte>.Shared.Rent(buffers.Count == 0 ? FirstBytes : Math.Min(MostBytes, buffers[^1].Length * 2));
                buffers.Add(buffer);
                var room = buffer.AsMemory(0, Math.Min(buffer.Length, limit - length));
                var read = await stream.ReadAtLeastAsync(room, room.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
                length += read;
                if (length >= limit)
                {
                    throw TooLong(limit);
                }

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

    private static EurekaException TooLong(int limit) => new($"its answer has {limit / (1024 * 1024)} MiB or more and was not read; Mesh:Discovery:Eureka:Apps or Vips asks for a part of it");

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
