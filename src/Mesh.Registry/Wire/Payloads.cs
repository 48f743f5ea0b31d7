namespace Mesh.Registry.Wire;

/// <summary>One answer in the forms that were requested so far; each is written once.</summary>
internal sealed class Payloads(Func<WireForm, byte[]> write)
{
    private readonly Lazy<Payload>?[] _forms = new Lazy<Payload>?[WireForms.Count];

    public Payload In(WireForm form)
    {
        ref var slot = ref _forms[(int)form];
        if (slot is null)
        {
            // Two concurrent requests agree on one writer here; the other waits for its result instead of writing the same.
            Interlocked.CompareExchange(ref slot, new Lazy<Payload>(() => new Payload(write(form))), null);
        }

        return slot.Value;
    }
}
