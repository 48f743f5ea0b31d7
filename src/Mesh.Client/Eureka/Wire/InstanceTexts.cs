namespace Mesh.Client.Eureka.Wire;

/// <summary>The texts of an instance, unchanged from the answer.</summary>
internal ref struct InstanceTexts
{
    /// <summary>The fields seen so far, whatever their value.</summary>
    public InstanceField Seen;

    /// <summary>The fields that have a text. Others count as absent.</summary>
    public InstanceField Held;

    public ReadOnlySpan<byte> Id;

    public ReadOnlySpan<byte> HostName;

    public ReadOnlySpan<byte> App;

    public ReadOnlySpan<byte> IPAddress;

    public ReadOnlySpan<byte> Status;

    public ReadOnlySpan<byte> OverriddenStatus;

    public ReadOnlySpan<byte> OldOverriddenStatus;

    public ReadOnlySpan<byte> LastDirty;

    public ReadOnlySpan<byte> Action;

    public ReadOnlySpan<byte> VipAddress;

    public ReadOnlySpan<byte> SecureVipAddress;

    public ReadOnlySpan<byte> Zone;

    public ReadOnlySpan<byte> MachineId;

    public EurekaPort Port;

    public EurekaPort SecurePort;

    public readonly bool Has(InstanceField field) => (Held & field) != 0;

    /// <summary>Where the text of a field is kept.</summary>
    public static ref ReadOnlySpan<byte> Of(ref InstanceTexts texts, InstanceField field)
    {
        switch (field)
        {
            case InstanceField.Id:
                return ref texts.Id;
            case InstanceField.HostName:
                return ref texts.HostName;
            case InstanceField.App:
                return ref texts.App;
            case InstanceField.IPAddress:
                return ref texts.IPAddress;
            case InstanceField.Status:
                return ref texts.Status;
            case InstanceField.OverriddenStatus:
                return ref texts.OverriddenStatus;
            case InstanceField.OldOverriddenStatus:
                return ref texts.OldOverriddenStatus;
            case InstanceField.LastDirty:
                return ref texts.LastDirty;
            case InstanceField.Action:
                return ref texts.Action;
            case InstanceField.VipAddress:
                return ref texts.VipAddress;
            case InstanceField.SecureVipAddress:
                return ref texts.SecureVipAddress;
            case InstanceField.DataCenter:
                return ref texts.Zone;
            case InstanceField.MachineId:
                return ref texts.MachineId;
            default:
                throw new ArgumentOutOfRangeException(nameof(field), field, "No text.");
        }
    }
}
