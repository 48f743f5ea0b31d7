namespace Mesh.Client.Outbound.Endpoints;

/// <summary>A float and the millisecond of its last change, in one word, so that both are read and replaced together.</summary>
internal struct PackedAverage
{
    private long _packed;

    public PackedAverage(float value, uint stamp) => _packed = Pack(value, stamp);

    public readonly bool IsEmpty => Volatile.Read(in _packed) == 0;

    public readonly float Read(out uint stamp)
    {
        var packed = Volatile.Read(in _packed);
        stamp = (uint)packed;
        return BitConverter.Int32BitsToSingle((int)(packed >> 32));
    }

    /// <summary>Replaces the value that was read, unless another thread was faster. Callers try twice at most and then drop the sample:
    /// retrying would cost more than the sample is worth.</summary>
    public bool TryReplace(float oldValue, uint oldStamp, float value, uint stamp)
    {
        var old = Pack(oldValue, oldStamp);
        return Interlocked.CompareExchange(ref _packed, Pack(value, stamp), old) == old;
    }

    public void Write(float value, uint stamp) => Volatile.Write(ref _packed, Pack(value, stamp));

    private static long Pack(float value, uint stamp) => ((long)BitConverter.SingleToInt32Bits(value) << 32) | stamp;
}
